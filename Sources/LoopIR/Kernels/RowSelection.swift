/// Which rows of a sweep are taken, by a condition at each place of its segments: of the others, no
/// element is read.
package struct RowSelection: Sendable {
  package var body: Body
  package var condition: LaneValue
  /// Where all rows that are taken lie, among the places of the one axis of the segments.
  package var range: PlaceRange?

  package init(body: Body, condition: LaneValue) {
    self.body = body
    self.condition = condition
  }
}

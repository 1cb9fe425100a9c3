import TensorIR

/// An array over named axes, row-major; conditions are 0 and 1.
struct DenseArray: Equatable {
  /// The axes, slowest first.
  var axes: [Int]
  var values: [Double]

  /// How long each axis of a graph is.
  typealias Extents = [Int]

  /// The array of `value` at each place of `axes`.
  init(_ axes: [Int], _ extents: Extents, _ value: (Place) throws -> Double) rethrows {
    self.axes = axes
    values = try Place.all(axes, extents).map(value)
  }

  /// The element at a place, which may have axes that the array lacks.
  func at(_ place: Place, _ extents: Extents) -> Double {
    values[axes.reduce(0) { $0 * extents[$1] + place.coordinates[$1] }]
  }
}

/// A place of the index space: a coordinate for each axis of a graph, 0 for those not looped over.
struct Place: Hashable {
  var coordinates: [Int]

  /// All places along `axes`, the last of them fastest, from `origin` on.
  static func all(
    _ axes: [Int], _ extents: DenseArray.Extents, from origin: Place? = nil
  ) -> [Place] {
    let start = origin ?? Place(coordinates: extents.map { _ in 0 })
    return axes.reduce([start]) { places, axis in
      places.flatMap { place in
        (0..<extents[axis]).map { coordinate in
          var place = place
          place.coordinates[axis] = coordinate
          return place
        }
      }
    }
  }
}

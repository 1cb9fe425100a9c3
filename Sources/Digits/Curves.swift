import Diagrams
import Foundation

/// The loss in training and the accuracy in the test of several courses, as SVG.
func curves(of courses: [Course]) -> String {
  var drawing = Drawing(width: 940, height: 400)
  let all = courses.flatMap(\.epochs)
  let last = Double(max(courses.map(\.epochs.count).max() ?? 1, 2))
  let (left, right) = (
    LinearAxis(1...last, from: 60, to: 400), LinearAxis(1...last, from: 460, to: 800)
  )
  let loss = LogarithmicAxis(
    all.map(\.trainingLoss).filter { $0 > 0 && $0.isFinite }, from: 340, to: 40)
  let lowest = min(all.map(\.testAccuracy).min() ?? 0, 0.95)
  let accuracy = LinearAxis((lowest * 20).rounded(.down) / 20...1, from: 340, to: 40)
  drawFrame("loss in training", left, loss.ticks.map { ($0, loss.place($0)) }, &drawing)
  let parts = stride(from: accuracy.range.lowerBound, through: 1.0001, by: 0.05)
  drawFrame("accuracy in the test", right, parts.map { ($0, accuracy.place($0)) }, &drawing)
  for (index, course) in courses.enumerated() {
    let colour = colour(index)
    let numbered = course.epochs.enumerated().map { (Double($0 + 1), $1) }
    drawing.curve(
      numbered.map { (left.place($0), loss.place($1.trainingLoss.clamped(to: loss.range))) },
      colour, width: 1.6)
    drawing.curve(
      numbered.map { (right.place($0), accuracy.place($1.testAccuracy)) }, colour, width: 1.6)
    let height = 50 + Double(index) * 18
    drawing.line((815, height - 4), (833, height - 4), colour, width: 2)
    drawing.label(course.norm, (838, height))
  }
  return drawing.svg
}

extension Double {
  /// The nearest number of the range; of no number, its end.
  fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
    isNaN ? range.upperBound : min(max(self, range.lowerBound), range.upperBound)
  }
}

/// The axes of a diagram with its epochs to the right.
private func drawFrame(
  _ title: String, _ epochs: LinearAxis, _ ticks: [(number: Double, place: Double)],
  _ drawing: inout Drawing
) {
  drawing.label(title, (epochs.start, 24), size: 15)
  for tick in ticks {
    drawing.line((epochs.start, tick.place), (epochs.end, tick.place), "#eee")
    drawing.label(String(format: "%g", tick.number), (epochs.start - 6, tick.place + 4), .end)
  }
  let step = max(1, (epochs.range.upperBound / 8).rounded())
  for epoch in stride(from: 1, through: epochs.range.upperBound, by: step) {
    drawing.label(String(Int(epoch)), (epochs.place(epoch), 356), .middle)
  }
  drawing.line((epochs.start, 340), (epochs.end, 340), "#222")
  drawing.line((epochs.start, 340), (epochs.start, 40), "#222")
  drawing.label("epoch", ((epochs.start + epochs.end) / 2, 376), .middle, size: 12)
}

import Basics
import Testing

@testable import MachineCode

/// Containers whose copies share what they begin with.
@Suite struct SharedTableTests {
  @Test(arguments: [1, 2, 3] as [UInt64])
  func aTableNumbersNamesAsADictionaryDoes(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var table = NameTable(places: 2)
    var numbers: [String: Int] = [:]
    for step in 0..<3000 {
      // Names repeat; some are long, one is empty, some are not ASCII.
      let name = String(repeating: "xé", count: Int(random.next() % 9)) + "\(random.next() % 700)"
      #expect(table.number(of: name) == numbers[name], "seed \(seed), step \(step)")
      let number = table.insert(name)
      #expect(number == numbers[name, default: numbers.count] && table[number] == name)
      numbers[name] = number
      if step % 500 == 0 { table.share() }
    }
    #expect(table.count == numbers.count && !table.contains("x") && !table.contains(""))
    #expect(table.insert("") == numbers.count && table.contains(""))
  }

  @Test func copiesOfATableGoTheirOwnWays() {
    var table = NameTable(of: ["a", "b", "a"])
    table.share()
    var other = table
    #expect(table.insert("c") == 2 && other.insert("d") == 2)
    #expect(table[2] == "c" && other[2] == "d" && other.number(of: "c") == nil)
    #expect(table.number(of: "b") == 1 && other.number(of: "b") == 1)
  }

  @Test func copiesOfAnArrayGoTheirOwnWays() {
    var first = Layered<Int>()
    first.append(contentsOf: [1, 2][...])
    first.share()
    var second = first
    first.append(3)
    second.append(4)
    second.share()
    second.append(5)
    #expect((0..<first.count).map { first[$0] } == [1, 2, 3])
    #expect((0..<second.count).map { second[$0] } == [1, 2, 4, 5])
  }
}

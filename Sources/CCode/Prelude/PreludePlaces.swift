/// Where a range of places begins and ends in a run.
enum PreludePlaces {
  static func ranges(_ type: CComputeType) -> String {
    #"""
    /** The element of a run at a place, or 0; the run begins at the place `base`. */
    HELPER size_t element_at(double place, size_t base) {
      const double element = place - (double)base;
      if (!(element > 0)) return 0;
      return element < 9007199254740992.0 ? (size_t)element : (size_t)9007199254740992;
    }

    /** The first element of a run from the place `least` on. */
    HELPER size_t first_place(double least, size_t base) {
      return element_at(-floor(-least), base);
    }

    /** The element of a run behind the place `most`. */
    HELPER size_t end_of_places(double most, size_t base) {
      return element_at(floor(most) + 1, base);
    }

    /** The first element of a run whose place, as a number, is `least` or more. */
    HELPER size_t first_place_rounded(double least, size_t base) {
      double place = -floor(-least);
      if (!(place < 9007199254740992.0)) return element_at(place, base);
      for (; place > 0 && (double)(\#(type.rawValue))(place - 1) >= least;) place -= 1;
      return element_at(place, base);
    }

    /** The element of a run behind the last whose place, as a number, is `most` or less. */
    HELPER size_t end_of_places_rounded(double most, size_t base) {
      double place = floor(most) + 1;
      if (!(place > 0 && place < 9007199254740992.0)) return element_at(place, base);
      for (; (double)(\#(type.rawValue))place <= most;) place += 1;
      return element_at(place, base);
    }

    /** How many elements of a step from element j on lie before `bound`. */
    HELPER \#(type.rawValue) step_before(size_t bound, size_t j) {
      return bound > j ? (\#(type.rawValue))smaller(bound - j, SLOTS) : 0;
    }

    """#
  }
}

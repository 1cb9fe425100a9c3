/// What all readings of a file share.
enum PreludeOpening {
  static func includes(_ header: String) -> String {
    #"""
    \#(CItem.ruled("prelude"))

    #ifndef LANES /* the first reading: what all of them share */

    #include "\#(header)"

    #include <math.h>
    #include <stdbool.h>
    #include <stdint.h>

    /* Roots leave errno alone: compilers may take several at once. A lone root, between sweeps, may
     * set it: where gcc sees no call there, it leaves the sweeps too few registers. */
    #if defined(__GNUC__)
    __attribute__((const)) float sqrtf(float);
    __attribute__((const)) double sqrt(double);
    #define lone_sqrtf(a) __builtin_sqrtf(a)
    #define lone_sqrt(a)  __builtin_sqrt(a)
    #else
    #define lone_sqrtf(a) sqrtf(a)
    #define lone_sqrt(a)  sqrt(a)
    #endif

    /* Some are of use to some instruction sets only. */
    #if defined(__GNUC__)
    #define HELPER __attribute__((unused)) static inline
    #else
    #define HELPER static inline
    #endif

    """#
  }

  static let contraction = #"""
    #ifdef __FAST_MATH__
    #error "-ffast-math would change the order of sums: compile this file without it"
    #endif

    /* The only fused products are those written as such: compilers may not form more. */
    #if defined(__clang__)
    #pragma STDC FP_CONTRACT OFF
    #elif defined(__GNUC__)
    #pragma GCC optimize("fp-contract=off")
    /* Else sums of inner loops may lie in memory, as gcc 12 has it. */
    #pragma GCC optimize("ira-region=all")
    #endif

    /* Of arrays of vectors only the first few are written, and read; gcc cannot tell. */
    #if defined(__GNUC__) && !defined(__clang__)
    #pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
    #endif

    """#

  private static let chain = CComputeType.longestChain

  /// The canonical order of sums, and arithmetic on sizes.
  static func order(_ type: CComputeType) -> String {
    #"""
    /* The canonical order of sums. A segment is a longest run of summed elements that lie side by
     * side; its element j is added in slot j mod \#(type.slots). A block is at \#
    most \#(chain) additions in
     * a slot, and its slots are added pairwise, in halves. Blocks are added in float64, in at
     * most 16 parts of consecutive blocks. */
    enum { SLOTS = \#(type.slots), LONGEST_RUN = \#(chain) * SLOTS, \#
    LONGEST_CHAIN = \#(chain), MOST_PARTS = 16 };

    /* Sums along columns are made for so many columns side by side. */
    enum { COLUMNS = 16 * SLOTS };

    /* So many rows of up to this many elements are taken together. */
    enum { IN_FLIGHT = 4, SHORT_ROW = 16 * SLOTS };

    /* Rows of up to so many elements are turned: each lane holds one. Of fewer rows than this, too
     * many lanes would hold none. */
    enum { MOST_TURNED = \#(CComputeType.mostTurned), FEWEST_TURNED = 8 };

    /* Of rows that lie apart the next are fetched if they have up to so many elements. */
    enum { MOST_FETCHED = 4 * LONGEST_RUN };

    /* Sums over this many rows are worth to be held in vectors. */
    enum { FEWEST_HELD = 32 };

    /* The statistics of up to so many rows of up to this many elements are made together, in
     * lanes. */
    enum { GATHERED = 32, LONGEST_GATHERED = \#(CComputeType.longestGathered) };

    /* So many elements lie in the caches that are near. */
    enum { MOST_NEAR = 262144 };

    /** a / b, rounded up. */
    HELPER size_t ceil_div(size_t a, size_t b) { return a / b + (a % b != 0); }

    /** The smaller of two sizes. */
    HELPER size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

    /** The larger of two sizes. */
    HELPER size_t larger(size_t a, size_t b) { return a > b ? a : b; }

    /** How many rows are added to the slots of columns at once. Long ones lie far apart, and a
     *  processor fetches few such streams ahead. */
    HELPER size_t rows_together(size_t columns) { return columns < 256 ? 8 : 4; }

    /** The same for two arrays. Where they are far off, in memory, and a place has whole rows of
     *  them, these are added one by one: each array is then read from end to end. */
    HELPER size_t row_pairs_together(size_t columns, size_t stretch, bool far) {
      return far && columns <= stretch && columns >= 128 ? 1 : rows_together(columns);
    }

    /** How many rows of a set, of so many elements, are added to its slots at once. Short ones
     *  share pages, in each of which a processor fetches one stream ahead; where they are far off,
     *  in memory, that counts more than what is saved. */
    HELPER size_t rows_of_set(size_t length, bool far) {
      return length >= SHORT_ROW ? 8 : far ? 1 : 2;
    }

    /** How many rows of so many elements are gathered: of long ones half, so that these and the
     *  next lie in the first cache. */
    HELPER size_t rows_gathered(size_t length) { return length <= 64 ? GATHERED : GATHERED / 2; }

    /** `a`, which the caller knows to be more than `least`. */
    HELPER int more_than(int a, int least) {
    #if defined(__GNUC__)
      if (a <= least) __builtin_unreachable();
    #endif
      (void)least;
      return a;
    }

    /** How a sum is cut into blocks and parts. */
    typedef struct {
      size_t run, segments;             /* the elements of a segment, and the segments */
      size_t block_run, block_segments; /* a block: so many elements of so many segments */
      size_t cuts;                      /* the blocks of a segment that is longer than one, or 1 */
      size_t blocks, part_blocks;       /* all blocks, and those of a part */
    } sum_order;

    /** The order of a sum over so many segments. A sum over nothing has no blocks. */
    HELPER sum_order order_of(size_t segments, size_t run) {
      sum_order order = {run, segments, run, 1, 1, 0, 1};
      if (run == 0 || segments == 0) return order;
      if (run > LONGEST_RUN) {
        order.block_run = LONGEST_RUN;
        order.cuts = ceil_div(run, LONGEST_RUN);
      } else {
        order.block_segments = LONGEST_CHAIN / ceil_div(run, SLOTS);
      }
      order.blocks = ceil_div(segments, order.block_segments) * order.cuts;
      order.part_blocks = ceil_div(order.blocks, MOST_PARTS);
      return order;
    }

    /** The order of a sum that is one block. */
    HELPER sum_order order_of_one_block(size_t segments, size_t run) {
      const sum_order order = {run, segments, run, segments, 1, 1, 1};
      return order;
    }

    /** In how many sets of whole segments blocks lie, each set of `cuts` blocks. */
    HELPER size_t sets_of(sum_order order) {
      return ceil_div(order.segments, order.block_segments);
    }

    /** Of how many blocks slots are kept. A sum over nothing has none; its rows may be there. */
    HELPER size_t slot_blocks(sum_order order) { return sets_of(order) * order.cuts; }

    /** The slots left free between two blocks of as many or more. A processor fetches ahead, beyond
     *  the end of many slots, and would take those of the next block from the thread that adds to
     *  them; 2 KiB are enough. */
    enum { SLOT_GAP = 512 };

    /** How far apart the slots of two blocks lie, each of so many. */
    HELPER size_t slots_apart(size_t slots) {
      return slots < SLOT_GAP ? slots : slots + SLOT_GAP;
    }

    /** The elements of a block: first ... last - 1 of each of the segments first_segment ...
     *  last_segment - 1. */
    typedef struct { size_t first_segment, last_segment, first, last; } block_range;

    HELPER block_range block_at(sum_order order, size_t block) {
      const size_t segment = block / order.cuts * order.block_segments;
      const size_t first = block % order.cuts * order.block_run;
      const block_range range = {segment, smaller(order.segments, segment + order.block_segments),
                                 first, smaller(order.run, first + order.block_run)};
      return range;
    }

    """#
  }

  static let moments = #"""
    /** How many elements there are, their mean, and the sum of their squared deviations from it. */
    typedef struct { double count, mean, squares; } moments;

    /** The moments of a block of `count` elements from the sums of their deviations from a rounded
     *  mean, and of the squares of these. */
    HELPER moments block_moments(double count, double mean, double deviations, double squares) {
      const moments block = {count, mean + deviations / count,
                             squares - deviations * deviations / count};
      return block;
    }

    /** The count of moments into which others are merged: `share` is the part of the others,
     *  `weight` that times the count before. */
    typedef struct { double count, share, weight; } merged_count;

    HELPER merged_count merge_counts(double before, double others) {
      const double count = before + others, share = others / count;
      const merged_count merged = {count, share, before * share};
      return merged;
    }

    /** The moments of two sets of elements together; those of an empty set change nothing. */
    HELPER moments merge(moments a, moments b) {
      if (b.count == 0) return a;
      if (a.count == 0) return b;
      const merged_count counts = merge_counts(a.count, b.count);
      const double apart = b.mean - a.mean;
      const moments both = {counts.count, a.mean + apart * counts.share,
                            (a.squares + b.squares) + (apart * apart) * counts.weight};
      return both;
    }

    """#

  static let executor = running("void (*piece)(void *task, size_t i)")

  /// `run`, with this declaration of its parameter for the piece.
  static func running(_ piece: String) -> String {
    #"""
    /** Runs the pieces of a task: through the executor, or one after the other without one. */
    HELPER void run(const normgen_executor *executor, size_t pieces,
                    \#(piece), void *task) {
      if (executor && pieces > 1) {
        executor->parallel_for(executor->context, pieces, piece, task);
      } else {
        for (size_t i = 0; i < pieces; i++) piece(task, i);
      }
    }

    """#
  }

  /// The size that `NORMGEN_CACHE_BYTES` stands for unless the compiler is told another.
  static let cacheMegabytes = 24

  static let streaming = #"""
    /* Results larger than this bypass the caches; best a little less than the last-level cache. */
    #ifndef NORMGEN_CACHE_BYTES
    #define NORMGEN_CACHE_BYTES (\#(cacheMegabytes)u << 20)
    #endif

    /** How many places of so many elements are taken together, when the call touches `bytes`: fewer
     *  where the last cache hardly holds them, and one where they come from memory, which then
     *  loads the next while this one is computed. */
    HELPER size_t places_in_flight(size_t elements, size_t bytes) {
      if (elements > SHORT_ROW || bytes > NORMGEN_CACHE_BYTES) return 1;
      return bytes <= NORMGEN_CACHE_BYTES / 2 ? IN_FLIGHT : IN_FLIGHT / 2;
    }

    /** `true` iff a result in rows of `row_bytes` that begin at `out` should bypass the caches,
     *  when the call touches `bytes`. Threads share one memory bus: with an executor it pays
     *  later. */
    HELPER bool streams(const void *out, size_t row_bytes, size_t bytes,
                        const normgen_executor *executor) {
      const bool aligned = (uintptr_t)out % 64 == 0 && row_bytes % 64 == 0;
      return aligned && bytes / (executor ? 2 : 1) > NORMGEN_CACHE_BYTES;
    }

    """#

  static let floatMode = #"""
    /* The processor's floating-point mode: each piece rounds to nearest and keeps denormals,
     * whatever its thread did before, and gives the thread's own mode back. */
    #if defined(__x86_64__) && (defined(__GNUC__) || defined(__TINYC__))
    typedef uint32_t float_mode;
    /** Loads the mode: ldmxcsr (%rdi), which TinyCC's assembler does not know by name. */
    HELPER void set_float_mode(float_mode mode) {
      __asm__ volatile(".byte 0x0f, 0xae, 0x17" : : "D"(&mode) : "memory");
    }
    /** Sets the default mode and returns the one before: stmxcsr (%rdi). */
    HELPER float_mode enter_float_mode(void) {
      float_mode mode = 0;
      __asm__ volatile(".byte 0x0f, 0xae, 0x1f" : : "D"(&mode) : "memory");
      set_float_mode(0x1f80);
      return mode;
    }
    #elif defined(__aarch64__) && defined(__GNUC__)
    typedef uint64_t float_mode;
    HELPER void set_float_mode(float_mode mode) {
      __asm__ volatile("msr fpcr, %0" : : "r"(mode) : "memory");
    }
    HELPER float_mode enter_float_mode(void) {
      float_mode mode;
      __asm__ volatile("mrs %0, fpcr" : "=r"(mode) : : "memory");
      set_float_mode(0);
      return mode;
    }
    #else
    typedef int float_mode;
    HELPER void set_float_mode(float_mode mode) { (void)mode; }
    HELPER float_mode enter_float_mode(void) { return 0; }
    #endif

    """#

  static let executorDeclaration = #"""
    #ifndef NORMGEN_EXECUTOR
    #define NORMGEN_EXECUTOR
    /** What runs the pieces of a kernel: your thread pool. NULL is the caller's own thread. With
     *  OpenMP it can be &openmp:
     *
     *      static void openmp_for(void *context, size_t pieces, void (*piece)(void *, size_t),
     *                             void *task) {
     *        (void)context;
     *      #pragma omp parallel for
     *        for (size_t i = 0; i < pieces; i++) piece(task, i);
     *      }
     *      static const normgen_executor openmp = {openmp_for, NULL};
     */
    typedef struct normgen_executor {
      /** Calls piece(task, i) once for each i < pieces, in any order and on any threads, and
       *  returns when all are done. */
      void (*parallel_for)(void *context, size_t pieces, void (*piece)(void *task, size_t i),
                           void *task);
      /** Handed to parallel_for. */
      void *context;
    } normgen_executor;
    #endif

    """#
}

/* The threads of a pool take chunks of a run from ranges, their own first (Claims.h). The caller
 * works too, and takes all that is left: it never waits for a thread that has not begun, however
 * late the system lets that run, but only for chunks that others have in hand. */

#if defined(__linux__)
#define _GNU_SOURCE /* sched_getaffinity, sched_getcpu */
#endif

#include "ThreadPool.h"

#include "Claims.h"
#include "Patience.h"
#include "Processors.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** How long an idle thread stays awake, in nanoseconds: back-to-back kernels find it so. Longer
 *  would take processors from others. */
enum { SPIN = 30000 };

/** What a kernel is given; the same as normgen_executor in the generated headers. */
typedef struct executor {
  void (*parallel_for)(void *context, size_t pieces, piece_function piece, void *task);
  void *context;
} executor;

/** A thread of a pool that is not the caller's. */
typedef struct worker {
  thread_pool *pool;
  size_t number;
  pthread_t thread;
} worker;

struct thread_pool {
  executor executor;
  size_t threads;
  /** How long an idle thread stays awake. */
  uint64_t spin;
  /** The process that has the threads. */
  pid_t process;
  worker *workers;
  /** A range of chunks for each thread, the caller's first. */
  chunk_range *ranges;

  /** `true` while a thread has the pool for a run. What follows here is that thread's. */
  _Alignas(APART) atomic_bool taken;
  struct patience patience;

  _Alignas(APART) struct job job;
  /** Where the caller ran when it published the run, or -1. */
  atomic_int callers_processor;
  /** The number of the run, written last: workers look for another one here. */
  atomic_uint generation;
  atomic_bool stops;

  /** The chunks of this run that workers have done. */
  _Alignas(APART) _Atomic(size_t) done;
  /** `true` while the caller sleeps until `done` is enough. */
  atomic_bool caller_sleeps;
  /** How many workers sleep until `generation` changes. */
  _Atomic(size_t) sleepers;
  /** Held around going to sleep and waking. */
  pthread_mutex_t lock;
  pthread_cond_t begun, ended;
};

/** Tells the processor that this is a loop which waits. */
static inline void pause_briefly(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/* ---- workers ------------------------------------------------------------------------------ */

static bool has_news(thread_pool *pool, unsigned seen) {
  return atomic_load(&pool->generation) != seen || atomic_load(&pool->stops);
}

/** Leaves the processor that the caller works on, where this thread would only take turns with it.
 *
 *  The system wakes a thread where its waker runs while it thinks that all processors are busy, as
 *  those of a pool just were, and may take a tenth of a second to find out that one is idle. */
static void make_way(const thread_pool *pool) {
  // Threads that outnumber the processors take turns anyhow.
  if (pool->spin == 0) return;
  leave_processor(atomic_load_explicit(&pool->callers_processor, memory_order_relaxed));
}

/** Returns when a run was published that has not been seen, or the pool ends. */
static void await_run(thread_pool *pool, unsigned seen) {
  const uint64_t start = pool->spin > 0 ? nanoseconds_now() : 0;
  while (pool->spin > 0) {
    // The clock costs as much as a look does.
    for (int looks = 0; looks < 32; looks++) {
      if (has_news(pool, seen)) return;
      pause_briefly();
    }
    if (nanoseconds_now() - start > pool->spin) break;
  }
  pthread_mutex_lock(&pool->lock);
  // Counted before the look, as the caller publishes before it counts: one sees the other.
  atomic_fetch_add(&pool->sleepers, 1);
  while (!has_news(pool, seen)) pthread_cond_wait(&pool->begun, &pool->lock);
  atomic_fetch_sub(&pool->sleepers, 1);
  pthread_mutex_unlock(&pool->lock);
}

/** Runs chunks until none is left unclaimed, and returns their number. */
static size_t help(thread_pool *pool, size_t number) {
  size_t done = 0;
  struct claim claim;
  for (size_t k = 0; k < pool->threads; k++) {
    chunk_range *const range = &pool->ranges[(number + k) % pool->threads];
    while (claim_chunk(range, &pool->job, k == 0 ? RANGE_FIRST : RANGE_LAST, &claim)) {
      run_claim(&claim);
      done++;
    }
  }
  return done;
}

static void *work(void *argument) {
  const worker *const self = argument;
  thread_pool *const pool = self->pool;
  unsigned seen = 0;
  for (;;) {
    await_run(pool, seen);
    if (atomic_load(&pool->stops)) return NULL;
    seen = atomic_load(&pool->generation);
    make_way(pool);
    const size_t done = help(pool, self->number);
    if (done == 0) continue;
    atomic_fetch_add(&pool->done, done);
    if (atomic_load(&pool->caller_sleeps)) {
      pthread_mutex_lock(&pool->lock);
      pthread_cond_signal(&pool->ended);
      pthread_mutex_unlock(&pool->lock);
    }
  }
}

/* ---- a run -------------------------------------------------------------------------------- */

/** A run as its caller sees it. */
struct run {
  piece_function piece;
  void *task;
  size_t pieces;
  /** The pieces of a chunk; the number of chunks, and of those that the caller has done. */
  size_t share, chunks, done;
};

/** Runs chunks on the caller's thread, before any are published, until `end` are done. */
static void run_alone(struct run *run, size_t end) {
  const size_t last = end == run->chunks ? run->pieces : end * run->share;
  for (size_t i = run->done * run->share; i < last; i++) run->piece(run->task, i);
  run->done = end;
}

/** Offers what is left of a run to the workers that are awake. */
static void publish(thread_pool *pool, const struct run *run) {
  atomic_store_explicit(&pool->job.piece, run->piece, memory_order_relaxed);
  atomic_store_explicit(&pool->job.task, run->task, memory_order_relaxed);
  atomic_store_explicit(&pool->job.pieces, run->pieces, memory_order_relaxed);
  atomic_store_explicit(&pool->job.share, run->share, memory_order_relaxed);
  atomic_store_explicit(&pool->done, 0, memory_order_relaxed);
  atomic_store_explicit(&pool->callers_processor, this_processor(), memory_order_relaxed);
  const unsigned generation =
      atomic_load_explicit(&pool->generation, memory_order_relaxed) + 1;
  const size_t left = run->chunks - run->done;
  for (size_t k = 0; k < pool->threads; k++) {
    const uint64_t range = packed_range(generation, run->done + left * k / pool->threads,
                                        run->done + left * (k + 1) / pool->threads);
    atomic_store_explicit(&pool->ranges[k].word, range, memory_order_release);
  }
  atomic_store(&pool->generation, generation);
}

/** Wakes as many workers as there may be chunks for. */
static void wake(thread_pool *pool, size_t chunks) {
  // A process that was forked off has none of the threads, and perhaps the lock of one of them.
  if (pool->process != getpid()) return;
  // Who is just going to sleep holds it, and will look once more before.
  if (pthread_mutex_trylock(&pool->lock) != 0) return;
  const size_t sleepers = atomic_load(&pool->sleepers);
  pthread_mutex_unlock(&pool->lock);
  if (chunks >= sleepers) {
    pthread_cond_broadcast(&pool->begun);
  } else {
    for (size_t k = 0; k < chunks; k++) pthread_cond_signal(&pool->begun);
  }
}

/** Waits for the chunks that workers have in hand. */
static void await_workers(thread_pool *pool, size_t chunks) {
  for (int looks = 0; looks < 1000 && pool->spin > 0; looks++) {
    if (atomic_load_explicit(&pool->done, memory_order_acquire) == chunks) return;
    pause_briefly();
  }
  if (atomic_load(&pool->done) == chunks) return;
  pthread_mutex_lock(&pool->lock);
  atomic_store(&pool->caller_sleeps, true);
  while (atomic_load(&pool->done) != chunks) pthread_cond_wait(&pool->ended, &pool->lock);
  atomic_store(&pool->caller_sleeps, false);
  pthread_mutex_unlock(&pool->lock);
}

/** Who takes part in a run. */
typedef enum helpers { THE_AWAKE, ALL } helpers;

/** Offers what is left of a run to workers. */
static void offer(thread_pool *pool, const struct run *run, helpers who) {
  publish(pool, run);
  if (who == ALL) wake(pool, run->chunks - run->done - 1);
}

/** Makes a run while workers sleep, and wakes them if it pays. */
static void run_thriftily(thread_pool *pool, struct run *run, struct memory *memory) {
  const uint64_t alone = pool->patience.alone, start = nanoseconds_now();
  const uint64_t expected = memory->chunk * run->chunks;
  bool wakes = alone + expected >= memory->limit;
  // What the caller's own chunks take.
  uint64_t spent = 0;
  if (!wakes && atomic_load(&pool->sleepers) + 1 == pool->threads) {
    run_alone(run, 1);
    spent = nanoseconds_now() - start;
    // Other data may take longer than remembered.
    wakes = run->chunks > 2 && alone + spent * (run->chunks - 1) >= memory->limit;
    if (!wakes) {
      run_alone(run, run->chunks);
      spent = nanoseconds_now() - start;
    }
  }
  if (run->done < run->chunks) {
    offer(pool, run, wakes ? ALL : THE_AWAKE);
    const uint64_t begin = nanoseconds_now();
    run->done += help(pool, 0);
    spent += nanoseconds_now() - begin;
    await_workers(pool, run->chunks - run->done);
  }
  const uint64_t duration = nanoseconds_now() - start;
  pool->patience.alone = wakes ? 0 : alone + duration;
  if (wakes) learn_of_waking(memory, duration, expected);
  if (run->done > 0) memory->chunk = spent / run->done;
}

void thread_pool_run(void *context, size_t pieces, piece_function piece, void *task) {
  thread_pool *const pool = context;
  const bool is_single = pieces < 2 || pool->threads < 2;
  if (is_single || atomic_exchange_explicit(&pool->taken, true, memory_order_acquire)) {
    for (size_t i = 0; i < pieces; i++) piece(task, i);
    return;
  }
  const size_t share = (pieces - 1) / (CHUNKS_PER_THREAD * pool->threads) + 1;
  struct run run = {.piece = piece, .task = task, .pieces = pieces, .share = share,
                    .chunks = (pieces - 1) / share + 1};
  struct memory *const memory = memory_of(&pool->patience, piece, pieces);
  if (atomic_load(&pool->sleepers) > 0) {
    run_thriftily(pool, &run, memory);
  } else {
    learn_of_company(memory);
    offer(pool, &run, THE_AWAKE);
    run.done = help(pool, 0);
    await_workers(pool, run.chunks - run.done);
  }
  atomic_store_explicit(&pool->taken, false, memory_order_release);
}

/* ---- the life of a pool ------------------------------------------------------------------- */

size_t thread_pool_processors(void) { return processors(); }

/** Ends the first `count` workers. */
static void stop(thread_pool *pool, size_t count) {
  pthread_mutex_lock(&pool->lock);
  atomic_store(&pool->stops, true);
  pthread_cond_broadcast(&pool->begun);
  pthread_mutex_unlock(&pool->lock);
  for (size_t k = 0; k < count; k++) pthread_join(pool->workers[k].thread, NULL);
}

/** Starts the workers; `false` if the system refuses one. */
static bool start(thread_pool *pool) {
  // Signals belong to the threads of the program.
  sigset_t all, callers;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &callers);
  size_t count = 0;
  for (; count + 1 < pool->threads; count++) {
    worker *const self = &pool->workers[count];
    *self = (worker){.pool = pool, .number = count + 1};
    if (pthread_create(&self->thread, NULL, work, self) != 0) break;
  }
  pthread_sigmask(SIG_SETMASK, &callers, NULL);
  if (count + 1 == pool->threads) return true;
  stop(pool, count);
  return false;
}

/** Frees a pool without threads. */
static void release(thread_pool *pool) {
  free(pool->ranges);
  free(pool->workers);
  free(pool);
}

thread_pool *thread_pool_create(size_t threads) {
  if (threads < 1 || threads > THREAD_POOL_LIMIT) return NULL;
  thread_pool *const pool = aligned_alloc(APART, sizeof(thread_pool));
  if (!pool) return NULL;
  memset(pool, 0, sizeof *pool);
  pool->ranges = aligned_alloc(APART, threads * sizeof(chunk_range));
  pool->workers = calloc(threads, sizeof(worker));
  pool->executor = (executor){thread_pool_run, pool};
  pool->threads = threads;
  pool->process = getpid();
  // Threads that outnumber the processors would only keep each other from them.
  pool->spin = threads <= thread_pool_processors() ? SPIN : 0;
  if (!pool->ranges || !pool->workers) {
    release(pool);
    return NULL;
  }
  memset(pool->ranges, 0, threads * sizeof(chunk_range));
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->begun, NULL);
  pthread_cond_init(&pool->ended, NULL);
  if (start(pool)) return pool;
  thread_pool_destroy(pool);
  return NULL;
}

void thread_pool_destroy(thread_pool *pool) {
  if (!pool) return;
  // A process that was forked off has nothing to end.
  if (pool->process == getpid()) {
    if (!atomic_load(&pool->stops)) stop(pool, pool->threads - 1);
    pthread_cond_destroy(&pool->ended);
    pthread_cond_destroy(&pool->begun);
    pthread_mutex_destroy(&pool->lock);
  }
  release(pool);
}

const void *thread_pool_executor(const thread_pool *pool) { return &pool->executor; }

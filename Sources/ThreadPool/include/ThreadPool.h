/* A pool of threads that runs the pieces of a kernel: the executor of the generated headers. */

#ifndef THREAD_POOL_H
#define THREAD_POOL_H

#include <stddef.h>

/** Threads that wait for work. One run at a time is shared by all of them. */
typedef struct thread_pool thread_pool;

/** The most threads that a pool can have. */
enum { THREAD_POOL_LIMIT = 1024 };

/** The processors that this process may run on, at least 1. */
size_t thread_pool_processors(void);

/** A pool of `threads` threads, the caller's own counted as one; NULL if `threads` is not in
 *  1 ... THREAD_POOL_LIMIT, or if the system refuses memory or a thread. */
thread_pool *thread_pool_create(size_t threads);

/** Ends the threads and frees the pool, in which no run may be under way; NULL is no pool. */
void thread_pool_destroy(thread_pool *pool);

/** Calls piece(task, i) once for each i < pieces on the threads of `pool`, a thread_pool *, and
 *  returns when all are done.
 *
 *  While one thread has a run, the run of another, or one from inside of a piece, takes place on
 *  the thread that asks for it: the processors are busy anyway. The same holds in a process that
 *  was forked off, in which only the forking thread lives on. */
void thread_pool_run(void *pool, size_t pieces, void (*piece)(void *task, size_t i), void *task);

/** What a kernel is given to use this pool: a normgen_executor, which lives as long as the pool. */
const void *thread_pool_executor(const thread_pool *pool);

#endif

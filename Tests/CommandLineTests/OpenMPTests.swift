import Foundation
import Testing

/// The OpenMP adapter in the comment of every generated header.
@Suite struct OpenMPTests {
  private let tool: Tool

  init() throws {
    tool = try Tool()
    for file in ["layer_norm.h", "layer_norm.c"] {
      try FileManager.default.copyItem(
        at: Tool.package.appending(path: "generated/" + file),
        to: tool.directory.appending(path: file))
    }
  }

  @Test func theAdapterOfTheHeaderGivesTheSameBitsAsOneThread() throws {
    try tool.write("main.c", Self.beforeAdapter + adapter() + Self.afterAdapter)
    let flags = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-O2"]
    let compiler = try tool.run(
      URL(filePath: "/usr/bin/env"),
      ["gcc", "-fopenmp"] + flags + ["-o", "program", "main.c", "layer_norm.c", "-lm"])
    #expect(compiler.messages == "")
    #expect(compiler.status == 0)
    let outcome = try tool.run(tool.directory.appending(path: "program"), [])
    #expect(outcome.status == 0)
    #expect(outcome.text == "the same bits from several threads\n")
  }

  /// The indented lines of the comment on `normgen_executor`.
  private func adapter() throws -> String {
    let header = try String(
      contentsOf: tool.directory.appending(path: "layer_norm.h"), encoding: .utf8)
    let example = try #require(
      header.split(separator: "&openmp:").last?.split(separator: "*/").first)
    let margin = " *      "
    return example.split(separator: "\n").filter { $0.hasPrefix(margin) }
      .map { $0.dropFirst(margin.count) + "\n" }.joined()
  }

  private static let beforeAdapter = """
    #include <omp.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>

    #include "layer_norm.h"


    """

  private static let afterAdapter = """

    enum { ROWS = 301, WIDTH = 403 };

    static _Bool used[3];

    /* Notes which threads run pieces. */
    struct noted { void (*piece)(void *task, size_t i); void *task; };
    static void noted_piece(void *task, size_t i) {
      const struct noted *const noted = task;
      used[omp_get_thread_num()] = 1;
      noted->piece(noted->task, i);
    }
    static void noted_for(void *context, size_t pieces, void (*piece)(void *task, size_t i),
                          void *task) {
      struct noted noted = {piece, task};
      openmp.parallel_for(context, pieces, noted_piece, &noted);
    }

    struct results {
      float y[ROWS * WIDTH], mean[ROWS], rstd[ROWS];
      float d_x[ROWS * WIDTH], d_weight[WIDTH], d_bias[WIDTH];
    };

    static int compute(struct results *r, const float *x, const float *d_y, const float *weight,
                       void *workspace, const normgen_executor *executor) {
      return layer_norm_forward(ROWS, WIDTH, x, weight, weight, 1e-5, r->y, r->mean, r->rstd,
                                workspace, executor) != LAYER_NORM_OK ||
             layer_norm_backward(ROWS, WIDTH, d_y, x, weight, r->mean, r->rstd, r->d_x,
                                 r->d_weight, r->d_bias, workspace, executor) != LAYER_NORM_OK;
    }

    int main(void) {
      static float x[ROWS * WIDTH], d_y[ROWS * WIDTH], weight[WIDTH];
      static struct results alone, shared;
      for (int i = 0; i < ROWS * WIDTH; i++) {
        x[i] = (float)(i * 7919 % 1013) / 256;
        d_y[i] = (float)(i * 6131 % 1019) / 256 - 2;
      }
      for (int i = 0; i < WIDTH; i++) weight[i] = (float)(i % 7) / 4;
      void *const workspace = malloc(layer_norm_workspace(ROWS, WIDTH));
      omp_set_dynamic(0);
      omp_set_num_threads(3);
      const normgen_executor noted = {noted_for, NULL};
      if (!workspace || compute(&alone, x, d_y, weight, workspace, NULL) ||
          compute(&shared, x, d_y, weight, workspace, &openmp)) {
        return 2;
      }
      if (memcmp(&alone, &shared, sizeof alone) != 0) puts("other bits");
      memset(&shared, 0, sizeof shared);
      if (compute(&shared, x, d_y, weight, workspace, &noted)) return 2;
      if (memcmp(&alone, &shared, sizeof alone) != 0) puts("other bits");
      free(workspace);
      if (used[0] && used[1] && used[2]) puts("the same bits from several threads");
      return 0;
    }
    """
}

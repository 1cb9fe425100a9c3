import LoopIR
import NormGen
import Testing

@Suite struct PackedAdapterTests {
  @Test func valuesAreReadAndPointersPassedOn() {
    var interface = ScaleKernel.interface
    interface.functions.removeLast()
    #expect(
      packedAdapter(for: interface) == """
        int scale_forward_packed(void *const *a);
        int scale_forward_packed(void *const *a){
        return (int)scale_forward(*(const size_t *)a[0], *(const size_t *)a[1], \
        *(const size_t *)a[2], a[3], a[4], a[5], a[6], a[7], *(const int64_t *)a[8], a[9], \
        *(const double *)a[10], *(const bool *)a[11], a[12], a[13], a[14], a[15]);
        }
        size_t scale_workspace_packed(void *const *a);
        size_t scale_workspace_packed(void *const *a){
        return scale_workspace(*(const size_t *)a[0], *(const size_t *)a[1], \
        *(const size_t *)a[2]);
        }

        """)
  }

  @Test func aNormOfFixedSizesHasNoneInItsWorkspace() {
    let interface = KernelInterface(
      norm: "fixed", prefix: "fixed", type: .float64, sizes: [], functions: [])
    let adapter = packedAdapter(for: interface)
    #expect(adapter.contains("(void)a;\nreturn fixed_workspace();"))
  }
}

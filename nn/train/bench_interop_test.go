package train

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"wgpucnn/testdata/interop"
)

// Every part of PyTorch's side of the benchmarks runs, on the CPU too. Its networks have as many
// parameters as ours.
func TestInteropPeer(t *testing.T) {
	interop.Need(t)
	out, err := exec.Command("/usr/bin/python3", "../../testdata/peers/pytorch_gpu.py", "--dry-run").Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, params := range map[string]int{
		"step/base/eager": labModel(t, "base").ParamCount(), "step/base/stand-in": labModel(t, "base").ParamCount(),
		"step/20M/stand-in": twentyMillion(t).ParamCount(), "epoch/base/stand-in": 0,
		"conv2d/forward": 0, "conv2d/backward_input": 0, "conv2d/backward_weight": 0,
	} {
		_, line, found := strings.Cut(string(out), "BenchmarkPyTorch/"+name+"/tf32=off ")
		line, _, _ = strings.Cut(line, "\n")
		want := "ns/op"
		if params > 0 {
			want = fmt.Sprintf("ns/op %d params", params)
		}
		if !found || !strings.HasSuffix(line, want) {
			t.Errorf("%s: got %q, want a line that ends with %q", name, line, want)
		}
	}
}

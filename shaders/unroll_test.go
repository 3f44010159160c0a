package shaders

import (
	"strings"
	"testing"
)

func TestUnroll(t *testing.T) {
	constants := Constants{{"RUN", 2}, {"STRIDE", 3}, {"RELU", true}}
	for _, c := range []struct{ name, text, want string }{
		{"none", "for (var i = 0u; i < RUN; i++) {\n  y[i] = 0.0;\n}\n", "for (var i = 0u; i < RUN; i++) {\n  y[i] = 0.0;\n}\n"},
		{
			"one", "for (var i = 0u; i < RUN; i++) { // unroll\n  y[i * STRIDE + 1u] = in + f32(i);\n}\nlast\n",
			"{\n  y[1] = in + f32(0u);\n}\n{\n  y[4] = in + f32(1u);\n}\n\nlast\n",
		},
		{
			"nested", "for (var i = 0u; i < RUN; i++) { // unroll\n  for (var j = 0u; j < i + 1u; j++) { // unroll\n    y[i][j];\n  }\n}\n",
			"{\n{\n    y[0][0];\n  }\n\n}\n{\n{\n    y[1][0];\n  }\n{\n    y[1][1];\n  }\n\n}\n\n",
		},
		{"no turns", "a\nfor (var i = 0u; i < RUN - 2u; i++) { // unroll\n  y[i];\n}\nb\n", "a\n\nb\n"},
		{"division", "y[(2u * STRIDE + 1u) / RUN - 1u]", "y[2]"},
		{"an index that is not constant", "y[x[RUN * 2u] + 1u]; z[RELU]; a[RUN - 3u]", "y[x[4] + 1u]; z[RELU]; a[RUN - 3u]"},
	} {
		got, err := unroll(c.text, constants)
		if err != nil || strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(c.want, " ", "") {
			t.Errorf("%s: got %q, %v; want %q", c.name, got, err, c.want)
		}
	}
	if got, err := unroll("for (var i = 0u; i < WIDTH; i++) { // unroll\n}\n", constants); err == nil {
		t.Errorf("a bound that is not known: got %q, want an error", got)
	}
}

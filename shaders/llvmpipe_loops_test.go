package shaders

import "testing"

func TestIterations(t *testing.T) {
	conv := Constants{{"C", 64}, {"OC", 32}, {"KERNEL", 3}, {"CHUNK", 32}, {"FILTERS", 2304}, {"WORKGROUP", 64}, {"PART", 7}}
	for _, c := range []struct {
		file, entry string
		constants   Constants
		want        int
	}{
		{"conv2d", "forward", conv, 64 * 3},
		{"conv2d", "backward_input", conv, 32 * 3},
		{"conv2d", "forward", append(conv, Constant{"STAGED", true}), 2*(1+36) + 64*3}, // two chunks of 36 weights each
		{"conv2d", "backward_input", append(conv, Constant{"STAGED", true}), 1*(1+36) + 32*3},
		{"conv2d", "backward_weight", conv, 7},
		{"conv2d_gpu_weight", "backward_weight", Constants{
			{"PART", 5}, {"TILE_RUNS", 8}, {"SPLIT", 3}, {"RUN_QUADS", 2}, {"BIAS_SHARES", 4}, {"GROUPS", 16}, {"INPUTS", 8}, {"WINDOW", 9}, {"WORKGROUP", 256},
		}, 5*(1+3+4) + 4*5*(1+3) + 4},
		{"conv2d", "forward", Constants{{"C", 1}, {"KERNEL", 12}, {"RUN", 2}, {"ROWS", 1}, {"TILE", 1}, {"SPAN", 16}}, 12 * (1 + 65 + 26)},
		{"linear", "forward", Constants{{"IN", 70000}, {"OUT", 3}, {"PART", 5}}, 70000},
		{"linear", "backward_input", Constants{{"IN", 70000}, {"OUT", 3}, {"PART", 5}}, 3},
		{"linear", "backward_weight", Constants{{"IN", 70000}, {"OUT", 3}, {"PART", 5}}, 5},
		{"linear_gpu_forward", "forward", Constants{{"PART", 100}, {"CHUNK", 16}, {"SHARES", 4}}, 7*(1+4) + 16},
		{"pool2d", "avg_forward", Constants{{"KERNEL_H", 3}, {"KERNEL_W", 3}}, 3 + 9},
		{"pool2d", "max_backward", Constants{{"KERNEL_H", 0}, {"H", 8}, {"OH", 3}, {"W", 2}, {"OW", 5}}, 4 + 4*4},
		{"head", "forward", Constants{{"POOL", 1}, {"KERNEL_H", 2}, {"KERNEL_W", 2}, {"MAPS", 32}, {"OH", 2}, {"OW", 2}, {"IN", 128}, {"CLASSES", 10}, {"PARTS", 6}, {"SIZE", 512}, {"WORKGROUP", 64}}, 2*(1+6) + (1 + 22) + 8 + 20 + 2*(1+10) + 8*(1+6)},
		{"head", "forward", Constants{{"POOL", 1}, {"DISJOINT", true}, {"STAGED", true}, {"CHUNK", 24}, {"KERNEL_H", 2}, {"KERNEL_W", 2}, {"MAPS", 32}, {"H", 4}, {"W", 4}, {"OH", 2}, {"OW", 2}, {"IN", 128}, {"CLASSES", 10}, {"PARTS", 6}, {"SIZE", 512}, {"WORKGROUP", 64}}, 2*(1+6) + 2*2*(1+6) + (1 + 22) + 8 + 20 + 2*(1+10) + 8},
		{"head", "forward_backward", Constants{{"POOL", 0}, {"MAPS", 128}, {"OH", 1}, {"OW", 1}, {"IN", 128}, {"CLASSES", 10}, {"PARTS", 6}, {"SIZE", 128}, {"WORKGROUP", 64}}, 2 + (1 + 22) + 8 + 20 + 2*(1+10) + 2},
		{"head", "logits", Constants{{"POOL", 0}, {"MAPS", 128}, {"OH", 1}, {"OW", 1}, {"IN", 128}, {"CLASSES", 10}, {"PARTS", 6}, {"SIZE", 128}, {"WORKGROUP", 64}}, 2 + (1 + 22) + 8 + 20 + 2*(1+10) + 2},
		{"image_step", "forward_backward", Constants{
			{"CHANNELS", 3}, {"PIXELS", 100}, {"WORKGROUP", 64}, {"FIRST_TARGET_C", 4}, {"FIRST_MAP", 25}, {"SECOND_TARGET_C", 8}, {"SECOND_MAP", 16},
			{"FIRST_SOURCE_C", 3}, {"FIRST_CHUNK", 3}, {"FIRST_STEPS", 5}, {"FIRST_SPLIT", 4},
			{"SECOND_SOURCE_C", 4}, {"SECOND_CHUNK", 2}, {"SECOND_STEPS", 3}, {"SECOND_SPLIT", 2},
			{"BACK_SOURCE_C", 8}, {"BACK_CHUNK", 8}, {"BACK_STEPS", 2}, {"BACK_SPLIT", 1}, {"BACK_PATCH_ROWS", 6}, {"BACK_PIXEL_ROW", 3},
			{"POOL", 0}, {"MAPS", 128}, {"OH", 1}, {"OW", 1}, {"IN", 128}, {"CLASSES", 10}, {"PARTS", 6},
		}, 5 + (1 + 4 + 4) + 2*(1+3) + 2 + (1 + 16 + 1) + 2*2 + 3 + 2 + (1 + 22) + 8 + 20 + 2*(1+10) + 2},
		{"cross_entropy", "forward", Constants{{"CLASSES", 10}}, 30},
		{"count", "count", Constants{{"N", 129}, {"WORKGROUP", 64}}, 3 + 10},
		{"sgd", "update", Constants{{"N", 129}, {"WORKGROUP", 64}, {"LANES", 1}, {"LOADS", 4}}, 3 + 10 + 2048},
		{"adamw", "update", Constants{{"N", 129}, {"WORKGROUP", 64}, {"LANES", 1}, {"LOADS", 4}}, 3 + 10 + 2048},
		{"sgd", "update", Constants{{"N", 129}, {"WORKGROUP", 256}, {"LANES", 4}, {"LOADS", 8}}, 1 + 10 + 256},
		{"muon", "update", Constants{{"WORKGROUP", 256}, {"LANES", 4}, {"LOADS", 8}}, 10 + 256},
		{"muon_gram", "gram", Constants{{"COLUMNS", 300}, {"QUADS", 32}, {"WORKGROUP", 64}, {"SHARES", 1}}, 3 * (1 + 8 + 32)},
		{"muon_quintic", "quintic_step", Constants{{"ROWS", 80}, {"ITEMS", 3}, {"WORKGROUP", 64}}, 2 + 10 + 480},
		{"muon_apply", "apply", Constants{{"ROWS", 80}, {"COLUMNS", 432}, {"VALUES", 64}, {"ITEMS", 3}, {"N", 128}, {"WORKGROUP", 64}}, 9 + 10 + 480},
		{"clip", "clip", Constants{{"BLOCKS", 65}, {"WORKGROUP", 64}}, 2 + 10},
		{"merged", "weights", Constants{{"LOOPS", 12}}, 12},
		{"relu", "forward", Constants{{"SIZE", 1000}}, 0},
		{"mine", "forward", Constants{{"N", 1000}}, 0},
	} {
		if got := Iterations(c.file, c.entry, c.constants); got != c.want {
			t.Errorf("%s.%s %v: got %d, want %d", c.file, c.entry, c.constants, got, c.want)
		}
	}
}

// Constants that lack most names are no reason to panic.
func TestIterationsOfLittle(t *testing.T) {
	for _, name := range Names() {
		source, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range source.EntryPoints {
			Iterations(name, entry, nil)
			Iterations(name, entry, Constants{{"KERNEL", 20}, {"STAGED", true}, {"POOL", 1}})
		}
	}
}

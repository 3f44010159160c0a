package shaders

// Mesa's llvmpipe before version 25 leaves the loops of an invocation after 65,535 iterations
// in all, and reports nothing (LP_MAX_TGSI_LOOP_ITERATIONS in its source). A host must not run
// a kernel there that iterates more often.

// Iterations returns at most how many iterations the loops of one invocation of a kernel have
// in all. It returns 0 for a kernel whose loops are short with any constants and for a kernel that is
// not of this package. A merged kernel has the number as a constant.
func Iterations(file, entry string, c Constants) int {
	k := c.ints()
	if file == Merged {
		return k["LOOPS"]
	}
	switch file + "." + entry {
	case "batch_norm2d.statistics", "batch_norm2d.forward", "batch_norm2d.evaluate", "batch_norm2d.backward_weight", "batch_norm2d.backward_input":
		return k["TILES"] + 2*(ceilDiv(k["PARTS"], k["WORKGROUP"])+ceilDiv(k["WORKGROUP"], 16)+16)
	case "conv2d.forward":
		return convIterations(k, c.bool("STAGED"), k["C"])
	case "conv2d.backward_input":
		return convIterations(k, c.bool("STAGED"), k["OC"])
	case "conv2d_grouped.forward":
		return k["GROUP_C"] * k["PATCH_ROWS"]
	case "conv2d_grouped.backward_input":
		return k["GROUP_OC"] * k["PATCH_ROWS"]
	case "conv2d_grouped.backward_weight":
		return k["PART"] + (1+k["SUM_QUADS"])*(1+k["SHARES"])
	case "conv2d.backward_weight", "linear.backward_weight":
		return k["PART"]
	case "conv2d_gpu_weight.backward_weight":
		return weightIterations(k)
	case "linear.forward":
		return k["IN"]
	case "linear.backward_input":
		return k["OUT"]
	case "linear_gpu_forward.forward", "linear_gpu_input.backward_input", "linear_gpu_weight.backward_weight":
		return ceilDiv(k["PART"], k["CHUNK"])*(1+ceilDiv(k["CHUNK"], k["SHARES"])) + 4*k["SHARES"]
	case "pool2d.avg_forward", "pool2d.avg_backward", "pool2d.max_forward", "pool2d.max_backward":
		return windowIterations(k)
	case "head.logits", "head.forward", "head.forward_backward":
		return headIterations(c)
	case "image_step.forward_backward":
		return imageIterations(c)
	case "count.count":
		return countIterations(k)
	case "sgd.update", "adamw.update":
		return countIterations(k) + ceilDiv(maxParts, k["LANES"]*k["LOADS"])
	case "muon.update":
		return ceilDiv(maxParts, k["LANES"]*k["LOADS"]) + 10
	case "muon_gram.gram":
		return ceilDiv(k["COLUMNS"], 4*k["QUADS"]) * (1 + ceilDiv(16*k["QUADS"], k["WORKGROUP"]) + ceilDiv(k["QUADS"], k["SHARES"]))
	case "muon_quintic.quintic_step":
		return ceilDiv(k["ROWS"], k["WORKGROUP"]) + 10 + 2*k["ITEMS"]*k["ROWS"]
	case "muon_apply.apply":
		return max(countIterations(k), ceilDiv(k["ROWS"]*k["COLUMNS"], k["VALUES"]*k["WORKGROUP"])+10+2*k["ITEMS"]*k["ROWS"])
	case "clip.clip":
		return ceilDiv(k["BLOCKS"], k["WORKGROUP"]) + 10
	case "cross_entropy.forward", "cross_entropy.forward_backward":
		return 3 * k["CLASSES"]
	}
	return 0
}

// widestWindow is the width of a convolution's window up to which the loops over its columns
// are not counted. They are unrolled, whatever the width; counting them is on the safe side.
const widestWindow = 11

// convIterations counts the rows of the windows in so many channels, and the staging of the
// weights.
func convIterations(k map[string]int, staged bool, channels int) int {
	kernel, tile, rows := k["KERNEL"], k["TILE"], k["ROWS"]
	columns, staging := 0, 0
	if kernel > widestWindow {
		products := kernel * ceilDiv(k["RUN"], 4)
		columns = rows*(1+k["SPAN"]/4+5*products) + tile*(1+kernel+rows*(1+products))
	}
	if staged {
		staging = ceilDiv(channels, k["CHUNK"]) * (1 + ceilDiv(k["FILTERS"], k["WORKGROUP"]))
	}
	return staging + channels*kernel*(1+columns)
}

// weightIterations counts a part's tiles with an invocation's runs and quads of each, and the sums that
// it stores.
func weightIterations(k map[string]int) int {
	runs := ceilDiv(k["TILE_RUNS"], k["SPLIT"]) + ceilDiv(k["TILE_RUNS"]*k["RUN_QUADS"], k["BIAS_SHARES"])
	stores := ceilDiv(k["GROUPS"]*k["INPUTS"]*k["WINDOW"], k["WORKGROUP"])
	return k["PART"]*(1+runs) + 4*stores*(1+k["SPLIT"]) + k["BIAS_SHARES"]
}

// windowIterations counts the rows and pixels of a pool's largest window, or the windows that
// hold a pixel, whichever are more.
func windowIterations(k map[string]int) int {
	along := func(kernel, size, out int) int {
		if kernel > 0 {
			return kernel
		}
		return max(ceilDiv(size, out), ceilDiv(out, size)) + 1
	}
	return along(k["KERNEL_H"], k["H"], k["OH"]) * (along(k["KERNEL_W"], k["W"], k["OW"]) + 1)
}

// maxParts is more than the parts of a gradient.
const maxParts = 8192

// countIterations counts a lane's rows, and the halves of the workgroup.
func countIterations(k map[string]int) int { return ceilDiv(k["N"], k["WORKGROUP"]) + 10 }

// headIterations counts an invocation's share of the chunks of maps, and what follows them.
func headIterations(c Constants) int {
	k := c.ints()
	chunks, chunk, staging := 1, k["MAPS"], 0
	if c.bool("STAGED") {
		chunk = k["CHUNK"]
		chunks = ceilDiv(k["MAPS"], chunk)
		staging = chunks * (1 + ceilDiv(chunk*k["H"]*k["W"], k["WORKGROUP"]))
	}
	return staging + classifierIterations(c, chunks, chunk, k["SIZE"])
}

// imageIterations counts an invocation's share of the pixels, of the convolutions, of the maps that
// it copies, and of the classifier.
func imageIterations(c Constants) int {
	k := c.ints()
	share := func(count int) int { return ceilDiv(count, k["WORKGROUP"]) }
	first, second := k["FIRST_TARGET_C"]*k["FIRST_MAP"], k["SECOND_TARGET_C"]*k["SECOND_MAP"]
	stages := 0
	for _, stage := range []string{"FIRST_", "SECOND_", "BACK_"} {
		chunks := ceilDiv(k[stage+"SOURCE_C"], k[stage+"CHUNK"])
		stages += chunks*(1+ceilDiv(k[stage+"CHUNK"]*k[stage+"STEPS"], k[stage+"SPLIT"])) + k[stage+"SPLIT"]
	}
	return share(k["CHANNELS"]*k["PIXELS"]) + stages + 2*share(first) + share(k["BACK_SOURCE_C"]*k["BACK_PATCH_ROWS"]*k["BACK_PIXEL_ROW"]) +
		classifierIterations(c, 1, k["MAPS"], second)
}

// classifierIterations counts an invocation's share of the features, of the parts of the classes' sums, of
// the classes, and of the gradient of the maps, which are `size` values.
func classifierIterations(c Constants, chunks, chunk, size int) int {
	k := c.ints()
	share := func(count int) int { return ceilDiv(count, k["WORKGROUP"]) }
	classes, parts := k["CLASSES"], k["PARTS"]
	pool, unpool := 0, 0
	if k["POOL"] != 0 {
		pool = windowIterations(k)
		unpool = pool
	}
	if c.bool("DISJOINT") {
		unpool = 0
	}
	return chunks*share(chunk*k["OH"]*k["OW"])*(1+pool) + share(parts*classes)*(1+ceilDiv(k["IN"], parts)) +
		share(classes)*(parts+2) + 2*classes + share(k["IN"])*(1+classes) + share(size)*(1+unpool)
}

// ceilDiv returns a / b, rounded up, and a if b is 0.
func ceilDiv(a, b int) int { return (a + max(b, 1) - 1) / max(b, 1) }

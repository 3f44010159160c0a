// blocks: the table of an optimiser. Each block is a run of neighbouring values of one tensor.
//
// The importing file binds `blocks: array<Block>` and, if it calls total, `parts: array<f32>`.

struct Block {
  first: u32,  // index of the block's first value in w
  count: u32,  // values in the block
  part: u32,   // index of the first value's first part
  size: u32,   // from one part of a value to the next
  splits: u32, // parts of a value
  group: u32,  // of parameters
}

// total sums the parts of a value, in order. It loads four parts at a time.
fn total(block: Block, lane: u32) -> f32 {
  var sum = 0.0;
  for (var split = 0u; split < block.splits; split += 4u) {
    var part: array<f32, 4>;
    @unroll for (var i = 0u; i < 4u; i++) {
      part[i] = select(0.0, parts[block.part + min(split + i, block.splits - 1u) * block.size + lane], split + i < block.splits);
    }
    @unroll for (var i = 0u; i < 4u; i++) {
      sum += part[i];
    }
  }
  return sum;
}

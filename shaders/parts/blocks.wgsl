// blocks: the table of an optimiser. Each block is a run of up to VALUES neighbouring values of one
// tensor.
//
// The importing file has the constants BLOCKS, the number of blocks; VALUES; LANES, the lanes that
// share the sum of a value; LOADS, the parts that a lane loads at a time; and WORKGROUP = LANES *
// VALUES. It binds
//
//   blocks: array<u32>   the blocks; behind them the places of values in packed copies, two for each value
//   parts: array<f32>    the parts of all gradients

struct Block {
  first: u32,  // index of the block's first value in w
  count: u32,  // values in the block
  part: u32,   // index of the first value's first part
  size: u32,   // from one part of a value to the next
  splits: u32, // parts of a value
  group: u32,  // of parameters
  places: u32, // index of the first value's places; NONE if no copy holds the tensor
}

const BLOCK_WORDS = 7u;
const NONE = 0xffffffffu; // marks the lack of a place

var<workgroup> shares: array<f32, WORKGROUP>;

fn block_at(number: u32) -> Block {
  let at = number * BLOCK_WORDS;
  return Block(blocks[at], blocks[at + 1u], blocks[at + 2u], blocks[at + 3u], blocks[at + 4u], blocks[at + 5u], blocks[at + 6u]);
}

// total returns to each of the first VALUES lanes the sum of the parts of its value. All lanes of a
// workgroup call it together. Each sums every LANES-th part of a value, in order. Then the first
// lanes add up the sums of their value, in order.
fn total(block: Block, lane: u32) -> f32 {
  let value = lane % VALUES;
  let splits = select(0u, block.splits, value < block.count);
  var sum = 0.0;
  for (var split = lane / VALUES % LANES; split < splits; split += LANES * LOADS) {
    var part: array<f32, LOADS>;
    @unroll for (var i = 0u; i < LOADS; i++) {
      part[i] = select(0.0, parts[block.part + min(split + i * LANES, splits - 1u) * block.size + value], split + i * LANES < splits);
    }
    @unroll for (var i = 0u; i < LOADS; i++) {
      sum += part[i];
    }
  }
  if LANES > 1u {
    shares[lane] = sum;
    workgroupBarrier();
    @unroll for (var i = 0u; i < LANES - 1u; i++) {
      sum += shares[(lane + (i + 1u) * VALUES) % WORKGROUP];
    }
  }
  return sum;
}

// reduce: sums the parts of all gradients. f32.
//
//   binding  name      shape              reduce
//   0        blocks    one per workgroup  read
//   1        parts     packed             read
//   2        gradient  packed             write
//
// Constants from the host: WORKGROUP.
//
// Each workgroup sums a block of up to WORKGROUP neighbouring values of one tensor.

@group(0) @binding(0) var<storage, read> blocks: array<Block>;
@group(0) @binding(1) var<storage, read> parts: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;

struct Block {
  first: u32,  // index of the block's first value in w
  count: u32,  // values in the block
  part: u32,   // index of the first value's first part
  size: u32,   // from one part of a value to the next
  splits: u32, // parts of a value
  group: u32,  // of parameters
}

// total sums the parts of a value, in order.
fn total(block: Block, lane: u32) -> f32 {
  var sum = 0.0;
  for (var split = 0u; split < block.splits; split += 4u) { // four loads on their way at a time
    var part: array<f32, 4>;
    for (var i = 0u; i < 4u; i++) { // unroll
      part[i] = select(0.0, parts[block.part + min(split + i, block.splits - 1u) * block.size + lane], split + i < block.splits);
    }
    for (var i = 0u; i < 4u; i++) { // unroll
      sum += part[i];
    }
  }
  return sum;
}

@compute @workgroup_size(WORKGROUP)
fn reduce(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
          @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  if number < arrayLength(&blocks) && lane < blocks[number].count {
    gradient[blocks[number].first + lane] = total(blocks[number], lane);
  }
}

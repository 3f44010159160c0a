// reduce: sums the parts of all gradients. f32.
//
//   binding  name      shape              reduce
//   0        blocks    one per workgroup  read
//   1        parts     packed             read
//   2        gradient  packed             write
//
// Constants from the host: BLOCKS VALUES LANES LOADS SQUARED SQUARES WORKGROUP.
//
// Each workgroup sums a block of up to VALUES neighbouring values of one tensor. With SQUARED it leaves the
// sum of the squares of the block's gradients too, behind all gradients, at SQUARES.

#import blocks
#import tree_sum

@group(0) @binding(0) var<storage, read> blocks: array<u32>;
@group(0) @binding(1) var<storage, read> parts: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn reduce(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
          @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  if number < BLOCKS {
    let block = block_at(number);
    let sum = total(block, lane);
    if lane < block.count {
      gradient[block.first + lane] = sum;
    }
    @if(SQUARED) {
      let squares = tree_sum(select(0.0, sum * sum, lane < block.count), lane);
      if lane == 0u {
        gradient[SQUARES + number] = squares;
      }
    }
  }
}

// sgd: sums the parts of all weight gradients and updates all parameters, f32.
//
//   binding  name      shape              reduce  update      reduce_update
//   0        blocks    one per workgroup  read    read        read
//   1        parts     packed             read    -           read
//   2        gradient  as w               write   read        -
//   3        w         packed             -       read_write  read_write
//   4        v         as w               -       read_write  read_write
//
// Constants from the host: LR MOMENTUM (f32) WORKGROUP.
//
//   gradient = sum over splits of parts    v = MOMENTUM v + gradient    w = w - LR v
//
// Each workgroup updates a block of up to WORKGROUP neighbouring values of one
// tensor. The parts of a tensor are (splits, size), summed in order.

struct Block {
  first: u32,  // index of the block's first value in w
  count: u32,  // values in the block
  part: u32,   // index of the first value's first part
  size: u32,   // from one part of a value to the next
  splits: u32, // parts of a value
}

@group(0) @binding(0) var<storage, read> blocks: array<Block>;
@group(0) @binding(1) var<storage, read> parts: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> w: array<f32>;
@group(0) @binding(4) var<storage, read_write> v: array<f32>;

fn total(block: Block, lane: u32) -> f32 {
  var sum = 0.0;
  for (var split = 0u; split < block.splits; split++) {
    sum += parts[block.part + split * block.size + lane];
  }
  return sum;
}

fn descend(i: u32, g: f32) {
  let velocity = MOMENTUM * v[i] + g;
  v[i] = velocity;
  w[i] -= LR * velocity;
}

@compute @workgroup_size(WORKGROUP)
fn reduce(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
          @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  if number < arrayLength(&blocks) && lane < blocks[number].count {
    gradient[blocks[number].first + lane] = total(blocks[number], lane);
  }
}

@compute @workgroup_size(WORKGROUP)
fn update(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
          @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  if number < arrayLength(&blocks) && lane < blocks[number].count {
    let i = blocks[number].first + lane;
    descend(i, gradient[i]);
  }
}

@compute @workgroup_size(WORKGROUP)
fn reduce_update(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                 @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  if number < arrayLength(&blocks) && lane < blocks[number].count {
    descend(blocks[number].first + lane, total(blocks[number], lane));
  }
}

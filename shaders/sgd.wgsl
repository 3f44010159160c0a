// sgd: ends a step: sums the parts of all weight gradients, updates all parameters,
// and counts the step with its metrics. f32.
//
//   binding  name      shape                        reduce  update      reduce_update  count
//   0        blocks    one per workgroup            read    read        read           -
//   1        parts     packed                       read    -           read           -
//   2        gradient  as w                         write   read        -              -
//   3        w         packed                       -       read_write  read_write     -
//   4        v         as w                         -       read_write  read_write     -
//   5        losses    (N, 2): loss, right          -       read        read           read
//   6        counter   (1)                          -       read_write  read_write     read_write
//   7        metrics   (RING, 2): mean loss, right  -       write       write          write
//
// Constants from the host: LR MOMENTUM (f32); N rows a batch, an epoch has COUNT in
// STEPS batches; RING slots of metrics; WORKGROUP.
//
//   gradient = sum over splits of parts    v = MOMENTUM v + gradient    w = w - LR v
//
// Each workgroup updates a block of up to WORKGROUP neighbouring values of one
// tensor. The parts of a tensor are (splits, size), summed in order. The workgroup behind
// the last block counts: the counter, the number of this step, selects the slot of metrics and
// is raised by one.

#import rows

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
@group(0) @binding(5) var<storage, read> losses: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read_write> counter: array<u32>;
@group(0) @binding(7) var<storage, read_write> metrics: array<vec2<f32>>;

fn total(block: Block, lane: u32) -> f32 {
  var sum = 0.0;
  for (var split = 0u; split < block.splits; split += 4u) { // four loads on their way at a time
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

fn descend(i: u32, g: f32) {
  let velocity = MOMENTUM * v[i] + g;
  v[i] = velocity;
  w[i] -= LR * velocity;
}

// finish counts the step. The sum goes by parts of 64 rows, which keeps it precise.
fn finish() {
  let step = counter[0];
  var sum = vec2<f32>(0.0);
  for (var first = 0u; first < N; first += 64u) {
    var part = vec2<f32>(0.0);
    for (var n = first; n < min(first + 64u, N); n++) {
      part += losses[n];
    }
    sum += part;
  }
  metrics[step % RING] = vec2<f32>(sum.x / f32(rows(step, N, COUNT, STEPS)), sum.y);
  counter[0] = step + 1u;
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
  } else if number == arrayLength(&blocks) && lane == 0u {
    finish();
  }
}

@compute @workgroup_size(WORKGROUP)
fn reduce_update(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                 @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  if number < arrayLength(&blocks) && lane < blocks[number].count {
    descend(blocks[number].first + lane, total(blocks[number], lane));
  } else if number == arrayLength(&blocks) && lane == 0u {
    finish();
  }
}

@compute @workgroup_size(1)
fn count() {
  finish();
}

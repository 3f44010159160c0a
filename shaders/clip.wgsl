// clip: the factor that gives all gradients together a norm of CLIP_NORM at most. f32.
//
//   binding  name      shape                                                           clip
//   0        gradient  gradients; sums of their squares, at SQUARES; FACTOR is behind  read_write
//
// Constants from the host: CLIP_NORM (f32) BLOCKS SQUARES FACTOR WORKGROUP.
//
//   factor = min(1, CLIP_NORM / (norm + 1e-6))
//
// reduce.wgsl leaves a sum of squares for each of the BLOCKS. One workgroup adds them up.

#import is_nan
#import tree_sum

@group(0) @binding(0) var<storage, read_write> gradient: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn clip(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var i = lane; i < BLOCKS; i += WORKGROUP) {
    sum += gradient[SQUARES + i];
  }
  let squares = tree_sum(sum, lane);
  if lane == 0u {
    let factor = CLIP_NORM / (sqrt(squares) + 1e-6);
    gradient[FACTOR] = select(min(factor, 1.0), factor, is_nan(factor));
  }
}

// pool2d: average and maximum over windows of a map, and their gradients. NCHW, f32.
//
//   binding  name   shape            avg_forward  avg_backward  max_forward  max_backward
//   0        x      (N, C, H, W)     read         read (MASK)   read         read (MASK)
//   1        y      (N, C, OH, OW)   write        -             write        -
//   2        index  (N, C, OH, OW)   -            -             write        read
//   3        dy     (N, C, OH, OW)   -            read          -            read
//   4        dx     (N, C, H, W)     -            write         -            write
//
// Constants from the host: MAPS (N*C); H W OH OW KERNEL STRIDE as in the part pooling; MASK
// zeroes dx where x is not above 0, for an x that a ReLU made; WORKGROUP.
//
// `index` is the place of the maximum within its map of H*W. Forward, an invocation computes
// one output. Backward, an invocation gathers the gradient of one input from all the windows
// that hold it.

#import pooling
#import shut

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> index: array<u32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

fn pixel(i: u32) -> f32 {
  return x[i];
}

fn window_gradient(i: u32) -> f32 {
  return dy[i];
}

fn window_place(i: u32) -> u32 {
  return index[i];
}

// store writes the gradient of pixel i.
fn store(i: u32, gradient: f32) {
  var value = gradient;
  if MASK {
    value = select(value, 0.0, shut(x[i]));
  }
  dx[i] = value;
}

@compute @workgroup_size(WORKGROUP)
fn avg_forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
               @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if i < MAPS * OH * OW {
    y[i] = average(0u, i);
  }
}

@compute @workgroup_size(WORKGROUP)
fn avg_backward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if i < MAPS * H * W {
    store(i, average_gradient(i));
  }
}

@compute @workgroup_size(WORKGROUP)
fn max_forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
               @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if i < MAPS * OH * OW {
    let best = maximum(0u, i);
    y[i] = best.value;
    index[i] = best.place;
  }
}

@compute @workgroup_size(WORKGROUP)
fn max_backward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if i < MAPS * H * W {
    store(i, maximum_gradient(i));
  }
}

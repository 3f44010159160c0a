// relu: the rectified linear unit and its gradient, element by element, f32.
//
//   binding  name  shape   forward  backward
//   0        x     (SIZE)  read     -
//   1        y     (SIZE)  write    read
//   2        dy    (SIZE)  -        read
//   3        dx    (SIZE)  -        write
//
// Constants from the host: SIZE WORKGROUP.
//
//   y = max(x, 0)
//   dx = dy where y > 0, else 0
//
// A NaN in x stays in y, and lets dy pass.

#import shut

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if i < SIZE {
    y[i] = select(x[i], 0.0, shut(x[i]));
  }
}

@compute @workgroup_size(WORKGROUP)
fn backward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
            @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if i < SIZE {
    dx[i] = select(dy[i], 0.0, shut(y[i]));
  }
}

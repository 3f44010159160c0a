// add: the sum of tensors, element by element, f32.
//
//   binding  name  shape   forward  accumulate
//   0        a     (SIZE)  read     read
//   1        b     (SIZE)  read     -
//   2        y     (SIZE)  write    read_write
//
// Constants from the host: SIZE WORKGROUP.
//
//   forward: y = a + b    accumulate: y = y + a

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if i < SIZE {
    y[i] = a[i] + b[i];
  }
}

@compute @workgroup_size(WORKGROUP)
fn accumulate(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
              @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if i < SIZE {
    y[i] += a[i];
  }
}

// memory: a copy of a buffer, to measure how fast memory is read and written.
//
//   binding  name  shape    copy
//   0        x     (SIZE4)  read
//   1        y     (SIZE4)  write
//
// Constants from the host: SIZE4 LANES EACH. The buffers hold SIZE4 vec4s.
//
//   y = x
//
// Neighbouring lanes copy neighbouring vec4s. A lane copies EACH of them.

@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(LANES)
fn copy(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let first = (group.y * groups.x + group.x) * LANES * EACH + lane;
  @unroll for (var k = 0u; k < EACH; k++) {
    let i = first + k * LANES;
    if i < SIZE4 {
      y[i] = x[i];
    }
  }
}

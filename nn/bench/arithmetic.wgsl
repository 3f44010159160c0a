// arithmetic: multiply-adds and little else. It measures the most that an adapter computes.
//
//   binding  name  shape             scalar  vec4s
//   0        x     (2)               read    read
//   1        y     (GROUPS * LANES)  write   write
//
// Constants from the host: LANES TURNS. The dispatch has GROUPS workgroups.
//
//   a[k] = lane + k, for k of 0 to 7 (scalar) or 0 to 15 (vec4s)
//   a[k] = a[k] * x[0] + x[1], 4 * TURNS times
//   y[i] = sum over k of a[k]
//
// No accumulator waits for another one. A compiler can leave nothing out, because it knows
// neither x nor the lane.

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn scalar(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let m = x[0];
  let c = x[1];
  var a0 = f32(lane);
  var a1 = a0 + 1.0;
  var a2 = a0 + 2.0;
  var a3 = a0 + 3.0;
  var a4 = a0 + 4.0;
  var a5 = a0 + 5.0;
  var a6 = a0 + 6.0;
  var a7 = a0 + 7.0;
  for (var turn = 0u; turn < TURNS; turn++) {
    @unroll for (var k = 0u; k < 4u; k++) {
      a0 = a0 * m + c;
      a1 = a1 * m + c;
      a2 = a2 * m + c;
      a3 = a3 * m + c;
      a4 = a4 * m + c;
      a5 = a5 * m + c;
      a6 = a6 * m + c;
      a7 = a7 * m + c;
    }
  }
  y[group.x * LANES + lane] = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7;
}

@compute @workgroup_size(LANES)
fn vec4s(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let m = vec4(x[0]);
  let c = vec4(x[1]);
  var a0 = vec4(f32(lane)) + vec4(0.0, 1.0, 2.0, 3.0);
  var a1 = a0 + 4.0;
  var a2 = a0 + 8.0;
  var a3 = a0 + 12.0;
  for (var turn = 0u; turn < TURNS; turn++) {
    @unroll for (var k = 0u; k < 4u; k++) {
      a0 = a0 * m + c;
      a1 = a1 * m + c;
      a2 = a2 * m + c;
      a3 = a3 * m + c;
    }
  }
  y[group.x * LANES + lane] = dot(a0 + a1 + a2 + a3, vec4(1.0));
}

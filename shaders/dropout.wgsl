// dropout: sets values to 0 at random and scales the others, and its gradient, f32.
//
//   binding  name     shape      forward  backward
//   0        x        (N, SIZE)  read     read
//   1        y        (N, SIZE)  write    -
//   2        dy       (N, SIZE)  -        read
//   3        dx       (N, SIZE)  -        write
//   4        counter  (6)        read     read
//
// Constants from the host: N SIZE QUADS STREAM LEAST SCALE MASK WORKGROUP.
//
//   y = SCALE x where the random word of a value is LEAST or more, else 0 x; in an evaluation LEAST is 0
//   and SCALE 1
//   dx = SCALE dy there, else 0 dy; backward reads x if MASK: dx is 0 where x is not above 0
//
// Four neighbouring values of an example, one of its QUADS, have the four words of a draw. Its row is the example's place
// in the epoch, and STREAM is the layer. So backward draws what forward drew.

#import random
#import shut

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;
@group(0) @binding(4) var<storage, read> counter: array<u32>;

// factors returns what the values of a quad of the batch are multiplied by.
fn factors(quad: u32) -> vec4<f32> {
  let key = vec4<u32>(counter[4], counter[5], STREAM, counter[3]);
  let words = random_words(key, counter[2] * N + quad / QUADS, quad % QUADS);
  return select(vec4<f32>(SCALE), vec4<f32>(0.0), words < vec4<u32>(LEAST));
}

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  let quad = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if quad < N * QUADS {
    let scales = factors(quad);
    @unroll for (var k = 0u; k < 4u; k++) {
      let i = quad % QUADS * 4u + k;
      if i < SIZE {
        y[quad / QUADS * SIZE + i] = scales[k] * x[quad / QUADS * SIZE + i];
      }
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn backward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
            @builtin(local_invocation_index) lane: u32) {
  let quad = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if quad < N * QUADS {
    let scales = factors(quad);
    @unroll for (var k = 0u; k < 4u; k++) {
      let i = quad % QUADS * 4u + k;
      if i < SIZE {
        let at = quad / QUADS * SIZE + i;
        @if(MASK) dx[at] = select(scales[k] * dy[at], 0.0, shut(x[at]));
        @if(!MASK) dx[at] = scales[k] * dy[at];
      }
    }
  }
}

// normalize: gathers the batch of a step from the data set, and turns its bytes into floats.
//
//   binding  name     shape                         forward
//   0        images   (COUNT, H, W, C) of bytes     read
//   1        rows     (ORDERS, COUNT), labels       read
//   2        counter  (4)                           read_write
//   3        moments  (2, C): mean, deviation       read
//   4        y        (N, C, H, W)                  write
//   5        targets  (N)                           write
//
// Constants from the host: N C H W COUNT. `rows` is a ring of ORDERS epochs, and has the rows of
// each in their order. The labels of the images begin at LABELS. An invocation computes PIXELS neighbouring
// pixels: 4 if H * W is a multiple of 4, since their bytes are then whole words, else 1.
// WORKGROUP.
//
//   y[n,c,h,w] = (images[row,h,w,c] / 255 - mean[c]) / deviation[c]
//
// The counter holds the next step: its number within its epoch, and its epoch. This kernel begins
// that step: it copies both behind, as those of the step on its way. Rows that the last batch
// lacks become 0.

@group(0) @binding(0) var<storage, read> images: array<u32>;
@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read_write> counter: array<u32>;
@group(0) @binding(3) var<storage, read> moments: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> targets: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  let i = ((group.y * groups.x + group.x) * WORKGROUP + lane) * PIXELS;
  if i >= N * H * W {
    return;
  }
  if i == 0u {
    counter[2] = counter[0];
    counter[3] = counter[1];
  }
  let n = i / (H * W);
  let pixel = i % (H * W);
  let position = counter[0] * N + n; // within the epoch
  let missing = position >= COUNT;
  var row = 0u;
  if !missing {
    row = rows[counter[1] % ORDERS * COUNT + position];
  }
  if pixel == 0u {
    targets[n] = select(rows[LABELS + row], 0u, missing);
  }
  var word = 0u;
  for (var k = 0u; k < PIXELS * C; k++) {
    let at = (row * (H * W) + pixel) * C + k;
    if k % 4u == 0u || PIXELS == 1u {
      word = images[at / 4u];
    }
    let byte = (word >> (at % 4u * 8u)) & 0xffu;
    let c = k % C;
    let value = (f32(byte) / 255.0 - moments[c]) / moments[C + c];
    y[(n * C + c) * (H * W) + pixel + k / C] = select(value, 0.0, missing);
  }
}

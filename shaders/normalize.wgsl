// normalize: gathers the batch of a step from the data set, and turns its bytes into floats.
//
//   binding  name     shape                      forward
//   0        images   (COUNT, C, H, W) of bytes  read
//   1        rows     see the part gather        read
//   2        counter  (6)                        read_write
//   3        moments  (2, C): mean, deviation    read
//   4        y        (N, C, H, W)               write
//   5        targets  (N), and two STEP_TERMS    write
//
// Constants from the host: N C H W COUNT ORDERS LABELS WORKGROUP.
//
//   y[n,c,h,w] = (images[row,c,h,w] / 255 - mean[c]) / deviation[c]
//
// If WHOLE_PIXELS, H * W is a multiple of 4: an invocation computes four neighbouring pixels of a
// channel, whose bytes are one word. Otherwise it computes one pixel. Rows that the last batch
// lacks become 0. The kernel begins the step (see gather).

#import gather

@group(0) @binding(0) var<storage, read> images: array<u32>;
@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read_write> counter: array<u32>;
@group(0) @binding(3) var<storage, read> moments: array<f32>;
@if(WHOLE_PIXELS) @group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;
@if(!WHOLE_PIXELS) @group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> targets: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  let number = (group.y * groups.x + group.x) * WORKGROUP + lane;
  let i = select(number, number * 4u, WHOLE_PIXELS);
  if i >= N * C * H * W {
    return;
  }
  let n = i / (C * H * W);
  let row = batch_row(n);
  if i == 0u {
    begin_step();
    @if(STEP_TERMS) {
      targets[N] = step_term(0u);
      targets[N + 1u] = step_term(1u);
    }
  }
  if i % (C * H * W) == 0u {
    targets[n] = batch_label(row);
  }
  @if(WHOLE_PIXELS) {
    y[number] = pixel_quad(row, i / (H * W) % C, i % (H * W));
  }
  @if(!WHOLE_PIXELS) {
    y[i] = pixel_value(row, i / (H * W) % C, i % (H * W));
  }
}

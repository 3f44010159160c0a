// normalize: gathers the batch of a step from the data set, and turns its bytes into floats.
//
//   binding  name      shape                      forward     forward_pixelwise
//   0        images    (COUNT, C, H, W) of bytes  read        read
//   1        labels    (COUNT)                    read        read
//   2        order     (ORDERS, COUNT)            read        read
//   3        counter   (4)                        read_write  read_write
//   4        moments   (2, C): mean, deviation    read        read
//   5        y         (N, C, H, W)               write       -
//   5        y_values  (N, C, H, W): y as floats  -           write
//   6        targets   (N)                        write       write
//
// Constants from the host: N C H W COUNT ORDERS WORKGROUP.
//
//   y[n,c,h,w] = (images[row,c,h,w] / 255 - mean[c]) / deviation[c]
//
// An invocation of forward computes four neighbouring pixels of a channel, whose bytes are one
// word. It needs an H * W that is a multiple of 4. An invocation of forward_pixelwise computes one
// pixel. Rows that the last batch lacks become 0. The kernel begins the step (see gather).

#import gather

@group(0) @binding(0) var<storage, read> images: array<u32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read_write> counter: array<u32>;
@group(0) @binding(4) var<storage, read> moments: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> y_values: array<f32>;
@group(0) @binding(6) var<storage, read_write> targets: array<u32>;

// invocation returns the number of an invocation.
fn invocation(group: vec3<u32>, groups: vec3<u32>, lane: u32) -> u32 {
  return (group.y * groups.x + group.x) * WORKGROUP + lane;
}

// begin begins the step and writes the target of row n, in the invocation that has the first value
// of the step or of the row.
fn begin(i: u32, n: u32, row: BatchRow) {
  if i == 0u {
    begin_step();
  }
  if i % (C * H * W) == 0u {
    targets[n] = batch_label(row);
  }
}

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  let i = invocation(group, groups, lane) * 4u;
  if i >= N * C * H * W {
    return;
  }
  let n = i / (C * H * W);
  let row = batch_row(n);
  begin(i, n, row);
  y[i / 4u] = pixel_quad(row, i / (H * W) % C, i % (H * W));
}

@compute @workgroup_size(WORKGROUP)
fn forward_pixelwise(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                     @builtin(local_invocation_index) lane: u32) {
  let i = invocation(group, groups, lane);
  if i >= N * C * H * W {
    return;
  }
  let n = i / (C * H * W);
  let row = batch_row(n);
  begin(i, n, row);
  y_values[i] = pixel_value(row, i / (H * W) % C, i % (H * W));
}

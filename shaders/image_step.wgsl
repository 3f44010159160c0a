// image_step: what a training step does for one image, in one workgroup: two convolutions, each with
// a ReLU, the end of a classifier, and the way back to the output of the first convolution. NCHW,
// f32.
//
//   binding  name      shape                              forward_backward
//   0        images    (COUNT, CHANNELS, PIXELS) bytes    read
//   1        rows      see the part gather                read
//   2        counter   (6)                                read_write
//   3        moments   (2, CHANNELS): mean, deviation     read
//   4        packed    weights of the convolutions        read
//   5        params    weight (CLASSES, IN), bias         read
//   6        losses    (N, 2): loss, 1 where right        write
//   7        features  (N, IN)                            write
//   8        dlogits   (N, CLASSES)                       write
//   9        x         (N, CHANNELS, PIXELS)              write
//   10       y1        the first convolution's output     write
//   11       dy1       its gradient                       write
//   12       dy2       that of the second's output        write
//
// Other kernels make the gradients of the parameters from features, dlogits, x, y1, dy1 and dy2. The
// output of the second convolution stays in the workgroup's memory. A row that the last batch lacks has
// an image of zeros, and its gradients are 0.
//
// The part stage has the convolutions: first, second, and back, the gradient of the second one's input.
// Constants from the host: those of the parts gather, classifier, stage, stage_forward and
// stage_backward. IMAGE_W is the width of an image. WHOLE_PIXELS tells whether the pixels of a channel
// are whole vec4s; then an invocation copies PIXEL_TURNS vec4s.
//
// The workgroup's memory has MEMORY vec4s, in two regions. Each region holds one thing after another:
//
//   first region   the source of second, its target, the weights of back, its target
//   other region   the source and the weights of first, the weights of second, the source of back;
//                  shares of sums behind each convolution
//
// A barrier stands between two uses of a place.

#import classifier
#import gather
#import shut
#import stage as first
#import stage_forward as first
#import stage as second
#import stage_forward as second
#import stage as back
#import stage_backward as back

@group(0) @binding(0) var<storage, read> images: array<u32>;
@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read_write> counter: array<u32>;
@group(0) @binding(3) var<storage, read> moments: array<f32>;
@group(0) @binding(4) var<storage, read> packed: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> params: array<f32>;
@group(0) @binding(6) var<storage, read_write> losses: array<vec2<f32>>;
@group(0) @binding(7) var<storage, read_write> features: array<f32>;
@group(0) @binding(8) var<storage, read_write> dlogits: array<f32>;
@if(WHOLE_PIXELS) @group(0) @binding(9) var<storage, read_write> x: array<vec4<f32>>;
@if(!WHOLE_PIXELS) @group(0) @binding(9) var<storage, read_write> x: array<f32>;
@group(0) @binding(10) var<storage, read_write> y1: array<f32>;
@group(0) @binding(11) var<storage, read_write> dy1: array<f32>;
@group(0) @binding(12) var<storage, read_write> dy2: array<f32>;

var<workgroup> memory: array<vec4<f32>, MEMORY>;

// value returns value i of the workgroup's memory.
fn value(i: u32) -> f32 {
  return memory[i / 4u][i % 4u];
}

fn put(i: u32, value: f32) {
  memory[i / 4u][i % 4u] = value;
}

fn rectified(value: f32) -> f32 {
  return select(value, 0.0, shut(value));
}

// The target of first is the source of second.
fn first_put(channel: u32, row: u32, column: u32, value: f32) {
  put(second_place(channel, row, column), rectified(value));
}

// The target of second lies where the pool reads it.
fn second_put(channel: u32, row: u32, column: u32, value: f32) {
  put(map_place((channel * SECOND_HEIGHT + row) * SECOND_WIDTH + column), rectified(value));
}

fn back_put(channel: u32, row: u32, column: u32, value: f32) {
  put((channel * FIRST_HEIGHT + row) * FIRST_WIDTH + column, value);
}

// map_place returns where value i of the second convolution's output lies.
fn map_place(i: u32) -> u32 {
  return i / (H * W) * PITCH + i % (H * W);
}

fn pixel(i: u32) -> f32 {
  return value(i);
}

// put_pixel puts pixel i of channel c to the source of first.
fn put_pixel(c: u32, i: u32, value: f32) {
  put(first_place(c, i / IMAGE_W, i % IMAGE_W), value);
}

// gather normalises the image, to x and to the source of first.
@if(WHOLE_PIXELS) fn gather(n: u32, row: BatchRow, lane: u32) {
  var quads: array<vec4<f32>, PIXEL_TURNS>;
  @unroll for (var k = 0u; k < PIXEL_TURNS; k++) {
    let i = min(lane + k * WORKGROUP, CHANNELS * PIXELS / 4u - 1u);
    quads[k] = pixel_quad(row, i / (PIXELS / 4u), i % (PIXELS / 4u) * 4u);
  }
  @unroll for (var k = 0u; k < PIXEL_TURNS; k++) {
    let i = lane + k * WORKGROUP;
    if i < CHANNELS * PIXELS / 4u {
      x[n * (CHANNELS * PIXELS / 4u) + i] = quads[k];
      @unroll for (var m = 0u; m < 4u; m++) {
        put_pixel(i / (PIXELS / 4u), i % (PIXELS / 4u) * 4u + m, quads[k][m]);
      }
    }
  }
}

@if(!WHOLE_PIXELS) fn gather(n: u32, row: BatchRow, lane: u32) {
  for (var i = lane; i < CHANNELS * PIXELS; i += WORKGROUP) {
    let value = pixel_value(row, i / PIXELS, i % PIXELS);
    x[n * (CHANNELS * PIXELS) + i] = value;
    put_pixel(i / PIXELS, i % PIXELS, value);
  }
}

// pool_maps writes the features to pooled.
fn pool_maps(lane: u32) {
  if POOL != 0u {
    pool(0u, MAPS, 0u, lane);
    return;
  }
  for (var f = lane; f < IN; f += WORKGROUP) {
    pooled[f] = value(map_place(f));
  }
}

@compute @workgroup_size(WORKGROUP)
fn forward_backward(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let n = group.x;
  if (n == 0u) & (lane == 0u) {
    begin_step();
  }
  let row = batch_row(n);

  // Forward. The weights that a stage needs first are loaded before the stage.
  var first_weights: first_Weights;
  first_load(&first_weights, lane, 0u);
  gather(n, row, lane);
  var second_weights: second_Weights;
  second_load(&second_weights, lane, 0u);
  var first_sums: first_Sums;
  first_begin(&first_sums, lane);
  first_convolve(&first_sums, &first_weights, lane);
  first_put_all(&first_sums, lane);
  workgroupBarrier();
  for (var i = lane; i < FIRST_TARGET_C * FIRST_MAP; i += WORKGROUP) {
    y1[n * (FIRST_TARGET_C * FIRST_MAP) + i] = value(second_place(i / FIRST_MAP, i % FIRST_MAP / FIRST_WIDTH, i % FIRST_WIDTH));
  }
  var second_sums: second_Sums;
  second_begin(&second_sums, lane);
  second_convolve(&second_sums, &second_weights, lane);
  second_put_all(&second_sums, lane);
  workgroupBarrier();

  // The loss, and the gradient of the second convolution's output.
  var back_weights: back_Weights;
  back_load(&back_weights, lane, 0u);
  for (var i = lane; i < BACK_SOURCE_C * BACK_PATCH_ROWS * BACK_PIXEL_ROW; i += WORKGROUP) {
    memory[BACK_SOURCE + i] = vec4<f32>(0.0);
  }
  pool_maps(lane);
  classify(lane);
  go_back(n, batch_label(row), batch_rows(), lane);
  for (var i = lane; i < SECOND_TARGET_C * SECOND_MAP; i += WORKGROUP) {
    let gradient = select(map_gradient(i), 0.0, shut(value(map_place(i))));
    dy2[n * (SECOND_TARGET_C * SECOND_MAP) + i] = gradient;
    put(back_place(i / SECOND_MAP, i % SECOND_MAP / SECOND_WIDTH, i % SECOND_WIDTH), gradient);
  }

  // That of the first one's output. An invocation reads the values of y1 that it has written.
  var back_sums: back_Sums;
  back_convolve(&back_sums, &back_weights, lane);
  back_put_all(&back_sums, lane);
  workgroupBarrier();
  for (var i = lane; i < FIRST_TARGET_C * FIRST_MAP; i += WORKGROUP) {
    let at = n * (FIRST_TARGET_C * FIRST_MAP) + i;
    dy1[at] = select(value(i), 0.0, shut(y1[at]));
  }
}

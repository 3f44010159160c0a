// batch_norm2d: normalisation of each channel over a batch, and its gradients. NCHW, f32.
//
//   binding  name          shape          statistics  forward     evaluate  backward_weight  backward_input
//   0        x             (N, C, H, W)   read        read        read      read             read
//   1        moments       (PARTS, C, 2)  write       read        -         read             read
//   2        w             (C)            -           read        read      -                read
//   3        b             (C)            -           read        read      -                -
//   4        y             (N, C, H, W)   -           write       write     -                -
//   5        running_mean  (C)            -           read_write  read      -                -
//   6        running_var   (C)            -           read_write  read      -                -
//   7        counter       (4)            read        read        -         read             read
//   8        dy            (N, C, H, W)   -           -           -         read             read
//   9        dw            (PARTS, C)     -           -           -         write            read
//   10       db            (PARTS, C)     -           -           -         write            read
//   11       dx            (N, C, H, W)   -           -           -         -                write
//
// Constants from the host: N C EPS MOMENTUM. SIZE is H * W. COUNT is the rows of an
// epoch. RELU rectifies y. MASK zeroes dx where x is not above 0, for an x that a ReLU made. WORKGROUP,
// and the following.
//
//   forward: mean and var over the true rows of the batch, xhat = (x - mean) / sqrt(var + EPS)
//     y = w xhat + b    running = (1 - MOMENTUM) running + MOMENTUM batch, with the unbiased var
//   evaluate: the same y by the running statistics
//   backward: dw = sum of dy xhat    db = sum of dy
//     dx = w / sqrt(var + EPS) (dy - mean(dy) - xhat mean(dy xhat))
//
// Rows that the last batch lacks take no part: there y and dx are 0.
//
// The values of a channel are counted through the batch, image by image. They are divided into PARTS
// parts of PART values. A workgroup has one part of one channel, in all kernels. It takes TILES tiles
// of it one after another: TURNS quads in each invocation. A quad is four neighbouring values.
// WHOLE_QUADS says that quads are vec4s of memory.
//
// moments has the mean of each part, and the sum of its squared deviations from that. The kernels after
// statistics combine the parts, by their deviations from part 0. So a mean that is large beside the deviation
// costs no digits.

#import rows
#import shut
#import shut4
#import total

@if(WHOLE_QUADS) @group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@if(!WHOLE_QUADS) @group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> moments: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read> b: array<f32>;
@if(WHOLE_QUADS) @group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;
@if(!WHOLE_QUADS) @group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> running_mean: array<f32>;
@group(0) @binding(6) var<storage, read_write> running_var: array<f32>;
@group(0) @binding(7) var<storage, read> counter: array<u32>;
@if(WHOLE_QUADS) @group(0) @binding(8) var<storage, read> dy: array<vec4<f32>>;
@if(!WHOLE_QUADS) @group(0) @binding(8) var<storage, read> dy: array<f32>;
@group(0) @binding(9) var<storage, read_write> dw: array<f32>;
@group(0) @binding(10) var<storage, read_write> db: array<f32>;
@if(WHOLE_QUADS) @group(0) @binding(11) var<storage, read_write> dx: array<vec4<f32>>;
@if(!WHOLE_QUADS) @group(0) @binding(11) var<storage, read_write> dx: array<f32>;

// Moments are the mean of values and the sum of their squared deviations from it.
struct Moments {
  mean: f32,
  squares: f32,
}

// true_values returns how many values of a channel the true rows of the batch have.
fn true_values() -> u32 {
  return rows(counter[2], N, COUNT) * SIZE;
}

// part_values returns how many of so many values a part has.
fn part_values(part: u32, values: u32) -> u32 {
  return min(values, (part + 1u) * PART) - min(values, part * PART);
}

// first_of returns the first value of a lane's quad: that of a turn, in a tile of a part.
fn first_of(part: u32, tile: u32, turn: u32, lane: u32) -> u32 {
  return part * PART + ((tile * TURNS + turn) * WORKGROUP + lane) * 4u;
}

// place returns where a value of a channel lies in memory.
fn place(value: u32, c: u32) -> u32 {
  return (value / SIZE * C + c) * SIZE + value % SIZE;
}

// inside tells which values of a quad are before the last one.
fn inside(first: u32, end: u32) -> vec4<bool> {
  return vec4<u32>(first, first + 1u, first + 2u, first + 3u) < vec4<u32>(end);
}

// x_quad returns a quad of x. Values from `end` on are 0.
fn x_quad(first: u32, c: u32, end: u32) -> vec4<f32> {
  @if(WHOLE_QUADS) {
    return select(vec4<f32>(0.0), x[place(select(0u, first, first < end), c) / 4u], vec4<bool>(first < end));
  }
  @if(!WHOLE_QUADS) {
    var quad: vec4<f32>;
    @unroll for (var k = 0u; k < 4u; k++) {
      let valid = first + k < end;
      quad[k] = select(0.0, x[place(select(0u, first + k, valid), c)], valid);
    }
    return quad;
  }
}

// dy_quad does the same for dy.
fn dy_quad(first: u32, c: u32, end: u32) -> vec4<f32> {
  @if(WHOLE_QUADS) {
    return select(vec4<f32>(0.0), dy[place(select(0u, first, first < end), c) / 4u], vec4<bool>(first < end));
  }
  @if(!WHOLE_QUADS) {
    var quad: vec4<f32>;
    @unroll for (var k = 0u; k < 4u; k++) {
      let valid = first + k < end;
      quad[k] = select(0.0, dy[place(select(0u, first + k, valid), c)], valid);
    }
    return quad;
  }
}

// store_y writes a quad of y, up to the last value of the batch.
fn store_y(quad: vec4<f32>, first: u32, c: u32) {
  let value = select(quad, vec4<f32>(0.0), vec4<bool>(RELU) & shut4(quad));
  @if(WHOLE_QUADS) {
    if first < N * SIZE {
      y[place(first, c) / 4u] = value;
    }
  }
  @if(!WHOLE_QUADS) {
    @unroll for (var k = 0u; k < 4u; k++) {
      if first + k < N * SIZE {
        y[place(first + k, c)] = value[k];
      }
    }
  }
}

// store_dx writes a quad of dx in the same way.
fn store_dx(quad: vec4<f32>, first: u32, c: u32) {
  @if(WHOLE_QUADS) {
    if first < N * SIZE {
      dx[place(first, c) / 4u] = quad;
    }
  }
  @if(!WHOLE_QUADS) {
    @unroll for (var k = 0u; k < 4u; k++) {
      if first + k < N * SIZE {
        dx[place(first + k, c)] = quad[k];
      }
    }
  }
}

fn sum4(v: vec4<f32>) -> f32 {
  return (v.x + v.y) + (v.z + v.w);
}

// deviations returns what the lane's parts of a channel of `values` true values contribute to the channel's
// moments: the sum of their values, and that of the squares, both less the mean of part 0. If part 0 is the
// only part, every lane has it.
fn deviations(c: u32, values: u32, lane: u32) -> vec2<f32> {
  let first = moments[c];
  if PARTS == 1u {
    return vec2<f32>(0.0, first.y);
  }
  var sums = vec2<f32>(0.0);
  for (var part = lane; part < PARTS; part += WORKGROUP) {
    let own = moments[part * C + c];
    let count = f32(part_values(part, values));
    let apart = own.x - first.x;
    sums += vec2<f32>(count * apart, own.y + count * apart * apart);
  }
  return sums;
}

// batch_moments returns a channel's moments by the deviations of all parts.
fn batch_moments(c: u32, values: u32, sums: vec2<f32>) -> Moments {
  let apart = sums.x / f32(values);
  let squares = sums.y - sums.x * apart;
  return Moments(moments[c].x + apart, select(squares, 0.0, shut(squares))); // not below 0; a NaN stays
}

// inverse_deviation returns 1 / sqrt(var + EPS) of a channel of the batch.
fn inverse_deviation(batch: Moments, values: u32) -> f32 {
  return inverseSqrt(batch.squares / f32(values) + EPS);
}

@compute @workgroup_size(WORKGROUP)
fn statistics(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
              @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  if number >= C * PARTS {
    return;
  }
  let c = number % C;
  let part = number / C;
  let end = true_values();
  var count = 0.0; // of the lane's values so far
  var mean = 0.0;
  var squares = 0.0;
  for (var tile = 0u; tile < TILES; tile++) {
    var quads: array<vec4<f32>, TURNS>;
    var sum = 0.0;
    var values = 0.0;
    @unroll for (var i = 0u; i < TURNS; i++) {
      let first = first_of(part, tile, i, lane);
      quads[i] = x_quad(first, c, end);
      sum += sum4(quads[i]);
      values += f32(min(end - min(end, first), 4u));
    }
    let own = sum / max(values, 1.0);
    var spread = 0.0;
    @unroll for (var i = 0u; i < TURNS; i++) {
      let d = select(vec4<f32>(0.0), quads[i] - own, inside(first_of(part, tile, i, lane), end));
      spread += sum4(d * d);
    }
    let apart = own - mean;
    let weight = values / max(count + values, 1.0);
    squares += spread + apart * apart * count * weight;
    mean += apart * weight;
    count += values;
  }
  let values = f32(part_values(part, end));
  let whole = total(vec4<f32>(count * mean), lane).x / max(values, 1.0);
  let all = total(vec4<f32>(squares + count * (mean - whole) * (mean - whole)), lane).x;
  if lane == 0u {
    moments[part * C + c] = vec2<f32>(whole, all);
  }
}

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  if number >= C * PARTS {
    return;
  }
  let c = number % C;
  let part = number / C;
  let values = true_values();
  var sums = deviations(c, values, lane);
  if PARTS > 1u {
    sums = total(vec4<f32>(sums, 0.0, 0.0), lane).xy;
  }
  let batch = batch_moments(c, values, sums);
  if (part == 0u) & (lane == 0u) {
    running_mean[c] = (1.0 - MOMENTUM) * running_mean[c] + MOMENTUM * batch.mean;
    running_var[c] = (1.0 - MOMENTUM) * running_var[c] + MOMENTUM * (batch.squares / f32(max(values, 2u) - 1u));
  }
  let scale = w[c] * inverse_deviation(batch, values);
  for (var tile = 0u; tile < TILES; tile++) {
    @unroll for (var i = 0u; i < TURNS; i++) {
      let first = first_of(part, tile, i, lane);
      let quad = (x_quad(first, c, values) - batch.mean) * scale + b[c];
      store_y(select(vec4<f32>(0.0), quad, inside(first, values)), first, c);
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn evaluate(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
            @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  if number >= C * PARTS {
    return;
  }
  let c = number % C;
  let part = number / C;
  let scale = w[c] * inverseSqrt(running_var[c] + EPS);
  for (var tile = 0u; tile < TILES; tile++) {
    @unroll for (var i = 0u; i < TURNS; i++) {
      let first = first_of(part, tile, i, lane);
      store_y((x_quad(first, c, N * SIZE) - running_mean[c]) * scale + b[c], first, c);
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn backward_weight(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                   @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  if number >= C * PARTS {
    return;
  }
  let c = number % C;
  let part = number / C;
  let values = true_values();
  let near = moments[c].x; // a mean near that of the batch, which is not known yet
  var sum = vec4<f32>(0.0);
  var products = vec4<f32>(0.0);
  for (var tile = 0u; tile < TILES; tile++) {
    @unroll for (var i = 0u; i < TURNS; i++) {
      let first = first_of(part, tile, i, lane);
      let gradient = dy_quad(first, c, values);
      sum += gradient;
      products += gradient * (x_quad(first, c, values) - near);
    }
  }
  let own = deviations(c, values, lane);
  let all = total(vec4<f32>(own, sum4(sum), sum4(products)), lane);
  let batch = batch_moments(c, values, select(all.xy, own, PARTS == 1u));
  if lane == 0u {
    db[part * C + c] = all.z;
    dw[part * C + c] = (all.w - all.z * (batch.mean - near)) * inverse_deviation(batch, values);
  }
}

@compute @workgroup_size(WORKGROUP)
fn backward_input(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                  @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  if number >= C * PARTS {
    return;
  }
  let c = number % C;
  let part = number / C;
  let values = true_values();
  var sums = vec4<f32>(deviations(c, values, lane), db[c], dw[c]);
  if PARTS > 1u {
    var gradients = vec2<f32>(0.0);
    for (var p = lane; p < PARTS; p += WORKGROUP) {
      gradients += vec2<f32>(db[p * C + c], dw[p * C + c]);
    }
    sums = total(vec4<f32>(sums.xy, gradients), lane);
  }
  let batch = batch_moments(c, values, sums.xy);
  let inverse = inverse_deviation(batch, values);
  let means = sums.zw / f32(values); // of dy, and of dy xhat
  for (var tile = 0u; tile < TILES; tile++) {
    @unroll for (var i = 0u; i < TURNS; i++) {
      let first = first_of(part, tile, i, lane);
      let quad = x_quad(first, c, values);
      let gradient = w[c] * inverse * (dy_quad(first, c, values) - means.x - (quad - batch.mean) * inverse * means.y);
      let masked = select(gradient, vec4<f32>(0.0), vec4<bool>(MASK) & shut4(quad));
      store_dx(select(vec4<f32>(0.0), masked, inside(first, values)), first, c);
    }
  }
}

// conv2d_gpu_first: a network's first convolution on a GPU. It gathers the batch of a step from
// the data set, turns its bytes into floats, and convolves them. NCHW, f32.
//
//   binding  name     shape                          forward
//   0        images   (COUNT, C, H, W) of bytes      read
//   1        rows     see the part gather            read
//   2        counter  (6)                            read_write
//   3        moments  (2, C): mean, deviation        read
//   4        packed   weights and bias, see below    read
//   5        y        (N, OC, OH, OW)                write
//   6        targets  (N), and two STEP_TERMS        write
//   7        x        (N, C, H, W)                   write (KEEP)
//
// Constants from the host: N C H W OC OH OW KERNEL STRIDE PAD. RELU rectifies y. KEEP writes the
// normalised images to x, for the gradient of the weights. WORKGROUP, and what the parts gather,
// conv_tile and conv_forward need. The source of conv_tile is the normalised images, its target is
// y; conv_tile has the order of the weights. The padding is 0 after normalisation.
//
// WHOLE_PIXELS tells whether a channel of x is whole vec4s of memory. The workgroups of an image
// share the copying to x: each has COPIES vec4s, or values, of it. IN_PLACE tells whether a pixel is
// that of one image at the same place.

#import conv_forward
#import gather

@group(0) @binding(0) var<storage, read> images: array<u32>;
@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read_write> counter: array<u32>;
@group(0) @binding(3) var<storage, read> moments: array<f32>;
@group(0) @binding(4) var<storage, read> packed: array<vec4<f32>>;
@if(WHOLE_QUADS) @group(0) @binding(5) var<storage, read_write> y: array<vec4<f32>>;
@if(!WHOLE_QUADS) @group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<storage, read_write> targets: array<u32>;
@if(WHOLE_PIXELS) @group(0) @binding(7) var<storage, read_write> x: array<vec4<f32>>;
@if(!WHOLE_PIXELS) @group(0) @binding(7) var<storage, read_write> x: array<f32>;

var<private> row_of_tile: BatchRow; // of its first image

fn row_of(image: u32, tile: Tile) -> BatchRow {
  if IMAGES == 1u {
    return row_of_tile;
  }
  return batch_row(min(image, N - 1u));
}

// source_quad reads the two words that hold its four bytes. The bytes of columns beyond the map
// are those of other pixels, or of no pixel, and count as 0.
@if(IN_PLACE) fn source_quad(i: u32, tile: Tile, chunk: u32) -> vec4<f32> {
  let source = source_place(i, tile, chunk);
  let row = row_of(source.image, tile);
  let valid = (i < PIXEL_LOADS) & (source.image < N) & (source.channel < C) & (source.row >= 0) & (source.row < i32(H)) & !row.missing;
  let c = min(source.channel, C - 1u);
  let at = i32((row.index * C + c) * (H * W)) + source.row * i32(W) + source.column;
  let word = max(at >> 2u, 0);
  let next = max((at >> 2u) + 1, 0);
  let shift = u32(at & 3) * 8u;
  // A shift by 32 has no meaning, so the second word is shifted twice.
  let bytes = select(0u, (images[word] >> shift) | ((images[next] << (24u - shift)) << 8u), valid);
  let values = (vec4<f32>((vec4<u32>(bytes) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(0xffu)) / 255.0 - moments[c]) / moments[C + c];
  let columns = vec4<i32>(source.column) + vec4<i32>(0, 1, 2, 3);
  let inside = vec4<bool>(valid) & (columns >= vec4<i32>(0)) & (columns < vec4<i32>(i32(W)));
  return select(vec4<f32>(0.0), values, inside);
}

// Without IN_PLACE the four pixels may lie anywhere, and in two images.
@if(!IN_PLACE) fn source_quad(i: u32, tile: Tile, chunk: u32) -> vec4<f32> {
  let source = source_place(i, tile, chunk);
  let row = row_of(source.image, tile);
  let valid = (i < PIXEL_LOADS) & (source.image < N) & (source.channel < C) & (source.row >= 0) & (source.row < i32(H));
  var values: vec4<f32>;
  @unroll for (var k = 0u; k < 4u; k++) {
    let column = source.column + i32(k);
    if valid & (column >= 0) & (column < i32(W)) {
      values[k] = pixel_value(row, source.channel, u32(source.row) * W + u32(column));
    }
  }
  return values;
}

// keep writes a tile's share of the normalised images to x.
@if(KEEP) fn keep(number: u32, tile: Tile, lane: u32) {
  let first = number % (TILES_X * TILES_Y) * COPIES;
  for (var i = lane; i < COPIES; i += WORKGROUP) {
    @if(WHOLE_PIXELS) {
      let at = tile.image * (C * H * W / 4u) + first + i;
      let image = at / (C * H * W / 4u);
      if (first + i < IMAGES * (C * H * W / 4u)) & (image < N) {
        let c = at % (C * H * W / 4u) / (H * W / 4u);
        x[at] = pixel_quad(row_of(image, tile), c, at % (H * W / 4u) * 4u);
      }
    }
    @if(!WHOLE_PIXELS) {
      let at = tile.image * (C * H * W) + first + i;
      let image = at / (C * H * W);
      if (first + i < IMAGES * (C * H * W)) & (image < N) {
        x[at] = pixel_value(row_of(image, tile), at % (C * H * W) / (H * W), at % (H * W));
      }
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  let tile = tile_of(number);
  let place = place_of(lane);
  row_of_tile = batch_row(min(tile.image, N - 1u));
  if (group.z == 0u) & (number % (TILES_X * TILES_Y) == 0u) & (lane < IMAGES) & (tile.image + lane < N) {
    targets[tile.image + lane] = batch_label(row_of(tile.image + lane, tile));
  }
  if (number == 0u) & (group.z == 0u) & (lane == 0u) {
    begin_step();
    @if(STEP_TERMS) {
      targets[N] = step_term(0u);
      targets[N + 1u] = step_term(1u);
    }
  }
  @if(KEEP) {
    if group.z == 0u {
      keep(number, tile, lane);
    }
  }
  var sums: Sums;
  convolve(&sums, lane, place, tile, group.z);
  store_y(&sums, place, tile, group.z);
}

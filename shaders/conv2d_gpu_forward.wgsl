// conv2d_gpu_forward: 2-D cross-correlation on a GPU. NCHW, f32.
//
//   binding  name    shape                           forward
//   0        x       (N, C, H, W)                    read
//   1        packed  weights and bias, see below     read
//   2        y       (N, OC, OH, OW)                 write
//
// Constants from the host: N C H W OC OH OW KERNEL STRIDE PAD. RELU rectifies y. WORKGROUP, and
// what the parts conv_tile and conv_forward need. The source of conv_tile is x, its target is y;
// conv_tile has the order of the weights.

#import conv_forward

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> packed: array<vec4<f32>>;
@if(WHOLE_QUADS) @group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;
@if(!WHOLE_QUADS) @group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn source_quad(i: u32, tile: Tile, chunk: u32) -> vec4<f32> {
  let source = source_place(i, tile, chunk);
  let valid = (i < PIXEL_LOADS) & (source.image < N) & (source.channel < C) & (source.row >= 0) & (source.row < i32(H));
  let line = i32((source.image * C + source.channel) * H * W) + source.row * i32(W);
  var quad: vec4<f32>;
  @unroll for (var k = 0u; k < 4u; k++) {
    let column = source.column + i32(k);
    let inside = valid & (column >= 0) & (column < i32(W));
    quad[k] = select(0.0, x[select(0u, u32(line + column), inside)], inside);
  }
  return quad;
}

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  let tile = tile_of(group.y * groups.x + group.x);
  let place = place_of(lane);
  var sums: Sums;
  convolve(&sums, lane, place, tile, group.z);
  store_y(&sums, place, tile, group.z);
}

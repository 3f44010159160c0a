// pooling: average and maximum over the windows of maps, and their gradients.
//
// A map has H x W pixels and OH x OW windows of KERNEL x KERNEL pixels, every STRIDE pixels. If
// KERNEL is 0 the pool is adaptive (see windows). Pixels and windows are numbered row by row,
// map after map. The importing file has these constants, and defines
//
//   fn pixel(i: u32) -> f32            a value of x
//   fn window_gradient(i: u32) -> f32  the gradient of the pooled value of window i
//   fn window_place(i: u32) -> u32     where the maximum of window i is within its map
//
// The first of equal maxima wins. A NaN wins over every number, and the last NaN over those
// before it.

#import is_nan
#import windows

// average returns the mean of window i. The first map begins at pixel(first).
fn average(first: u32, i: u32) -> f32 {
  let rows = span(i / OW % OH, H, OH, KERNEL, STRIDE);
  let cols = span(i % OW, W, OW, KERNEL, STRIDE);
  let map = first + i / (OH * OW) * (H * W);
  var sum = 0.0;
  for (var row = rows.x; row < rows.y; row++) {
    for (var col = cols.x; col < cols.y; col++) {
      sum += pixel(map + row * W + col);
    }
  }
  return sum / f32((rows.y - rows.x) * (cols.y - cols.x));
}

struct Maximum {
  value: f32,
  place: u32, // within the map
}

// maximum returns the maximum of window i. The first map begins at pixel(first).
fn maximum(first: u32, i: u32) -> Maximum {
  let rows = span(i / OW % OH, H, OH, KERNEL, STRIDE);
  let cols = span(i % OW, W, OW, KERNEL, STRIDE);
  let map = first + i / (OH * OW) * (H * W);
  var best: Maximum;
  best.place = rows.x * W + cols.x;
  best.value = pixel(map + best.place);
  for (var row = rows.x; row < rows.y; row++) {
    for (var col = cols.x; col < cols.y; col++) {
      let value = pixel(map + row * W + col);
      if value > best.value || is_nan(value) {
        best.value = value;
        best.place = row * W + col;
      }
    }
  }
  return best;
}

// average_gradient returns the gradient of pixel i: a share of each window that holds it.
fn average_gradient(i: u32) -> f32 {
  let rows = holders(i / W % H, H, OH, KERNEL, STRIDE);
  let cols = holders(i % W, W, OW, KERNEL, STRIDE);
  let map = i / (H * W) * (OH * OW);
  var sum = 0.0;
  for (var row = rows.x; row < rows.y; row++) {
    let height = span(row, H, OH, KERNEL, STRIDE);
    for (var col = cols.x; col < cols.y; col++) {
      let width = span(col, W, OW, KERNEL, STRIDE);
      sum += window_gradient(map + row * OW + col) / f32((height.y - height.x) * (width.y - width.x));
    }
  }
  return sum;
}

// maximum_gradient returns the gradient of pixel i: that of each window with its maximum there.
fn maximum_gradient(i: u32) -> f32 {
  let rows = holders(i / W % H, H, OH, KERNEL, STRIDE);
  let cols = holders(i % W, W, OW, KERNEL, STRIDE);
  let map = i / (H * W) * (OH * OW);
  var sum = 0.0;
  for (var row = rows.x; row < rows.y; row++) {
    for (var col = cols.x; col < cols.y; col++) {
      let window = map + row * OW + col;
      sum += select(0.0, window_gradient(window), window_place(window) == i % (H * W));
    }
  }
  return sum;
}

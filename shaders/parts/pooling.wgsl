// pooling: average and maximum over the windows of maps, and their gradients.
//
// A map has H x W pixels and OH x OW windows of KERNEL_H x KERNEL_W pixels, every STRIDE_H rows
// and STRIDE_W columns. An axis with a kernel of 0 is adaptive (see windows). DISJOINT says that
// kernels equal strides. Pixels and windows are numbered row by row, map after map. The
// importing file has these constants and PITCH, and defines
//
//   fn pixel(i: u32) -> f32            a value of x; a map begins PITCH values behind the one before
//   fn window_gradient(i: u32) -> f32  the gradient of the pooled value of window i
//   fn window_place(i: u32) -> u32     where the maximum of window i is within its map
//
// The first of equal maxima wins. A NaN wins over every number, and the last NaN over those
// before it.

#import is_nan
#import windows

// average returns the mean of window i. The first map begins at pixel(first).
fn average(first: u32, i: u32) -> f32 {
  let rows = span(i / OW % OH, H, OH, KERNEL_H, STRIDE_H);
  let cols = span(i % OW, W, OW, KERNEL_W, STRIDE_W);
  let map = first + i / (OH * OW) * PITCH;
  var sum = 0.0;
  for (var u = 0u; u < rows.y; u++) {
    for (var v = 0u; v < cols.y; v++) {
      sum += pixel(map + (rows.x + u) * W + cols.x + v);
    }
  }
  return sum / f32(rows.y * cols.y);
}

struct Maximum {
  value: f32,
  place: u32, // within the map
}

// maximum returns the maximum of window i. The first map begins at pixel(first).
fn maximum(first: u32, i: u32) -> Maximum {
  let rows = span(i / OW % OH, H, OH, KERNEL_H, STRIDE_H);
  let cols = span(i % OW, W, OW, KERNEL_W, STRIDE_W);
  let map = first + i / (OH * OW) * PITCH;
  var best: Maximum;
  best.place = rows.x * W + cols.x;
  best.value = pixel(map + best.place);
  for (var u = 0u; u < rows.y; u++) {
    for (var v = 0u; v < cols.y; v++) {
      let place = (rows.x + u) * W + cols.x + v;
      let value = pixel(map + place);
      if value > best.value || is_nan(value) {
        best.value = value;
        best.place = place;
      }
    }
  }
  return best;
}

// no_window stands for the window of a pixel that no window holds.
const no_window = 0xffffffffu;

// only_window returns the window that holds pixel i, if windows are disjoint.
fn only_window(i: u32) -> u32 {
  let row = i / W % H / STRIDE_H;
  let col = i % W / STRIDE_W;
  return select(no_window, i / (H * W) * (OH * OW) + row * OW + col, (row < OH) & (col < OW));
}

// average_gradient returns the gradient of pixel i: a share of each window that holds it.
fn average_gradient(i: u32) -> f32 {
  if DISJOINT {
    let window = only_window(i);
    if window == no_window {
      return 0.0;
    }
    return window_gradient(window) / f32(KERNEL_H * KERNEL_W);
  }
  let rows = holders(i / W % H, H, OH, KERNEL_H, STRIDE_H);
  let cols = holders(i % W, W, OW, KERNEL_W, STRIDE_W);
  let map = i / (H * W) * (OH * OW);
  var sum = 0.0;
  for (var row = rows.x; row < rows.y; row++) {
    let height = span(row, H, OH, KERNEL_H, STRIDE_H).y;
    for (var col = cols.x; col < cols.y; col++) {
      let width = span(col, W, OW, KERNEL_W, STRIDE_W).y;
      sum += window_gradient(map + row * OW + col) / f32(height * width);
    }
  }
  return sum;
}

// maximum_gradient returns the gradient of pixel i: that of each window with its maximum there.
fn maximum_gradient(i: u32) -> f32 {
  if DISJOINT {
    let window = only_window(i);
    if window == no_window {
      return 0.0;
    }
    return select(0.0, window_gradient(window), window_place(window) == i % (H * W));
  }
  let rows = holders(i / W % H, H, OH, KERNEL_H, STRIDE_H);
  let cols = holders(i % W, W, OW, KERNEL_W, STRIDE_W);
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

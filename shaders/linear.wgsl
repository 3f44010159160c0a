// linear: an affine map of feature vectors and its gradients, f32.
//
//   binding  name  shape              forward  backward_input  backward_weight
//   0        x     (N, IN)            read     read (MASK)     read
//   1        w     (OUT, IN)          read     read            -
//   2        b     (OUT)              read     -               -
//   3        y     (N, OUT)           write    -               -
//   4        dy    (N, OUT)           -        read            read
//   5        dx    (N, IN)            -        write           -
//   6        dw    (SPLITS, OUT, IN)  -        -               write
//   7        db    (SPLITS, OUT)      -        -               write
//
// Constants from the host: N IN OUT. RELU rectifies y. MASK zeroes dx where x is not above 0, for
// an x that a ReLU made. The batch is divided into SPLITS parts of PART rows; the last may have
// fewer. Each part has its own dw and db; the optimiser sums them. WORKGROUP.
//
// An invocation computes one output.

#import shut

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;
@group(0) @binding(6) var<storage, read_write> dw: array<f32>;
@group(0) @binding(7) var<storage, read_write> db: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if i >= N * OUT {
    return;
  }
  let n = i / OUT;
  let o = i % OUT;
  var sum = b[o];
  for (var f = 0u; f < IN; f++) {
    sum += w[o * IN + f] * x[n * IN + f];
  }
  if RELU {
    sum = select(sum, 0.0, shut(sum));
  }
  y[i] = sum;
}

@compute @workgroup_size(WORKGROUP)
fn backward_input(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                  @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if i >= N * IN {
    return;
  }
  let n = i / IN;
  let f = i % IN;
  var sum = 0.0;
  for (var o = 0u; o < OUT; o++) {
    sum += w[o * IN + f] * dy[n * OUT + o];
  }
  if MASK {
    sum = select(sum, 0.0, shut(x[i]));
  }
  dx[i] = sum;
}

// An invocation computes column f of the weights of an output. Column IN is the bias: its input
// is 1.
@compute @workgroup_size(WORKGROUP)
fn backward_weight(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                   @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if i >= SPLITS * OUT * (IN + 1u) {
    return;
  }
  let f = i % (IN + 1u);
  let o = i / (IN + 1u) % OUT;
  let split = i / (IN + 1u) / OUT;
  var sum = 0.0;
  for (var n = split * PART; n < min((split + 1u) * PART, N); n++) {
    let gradient = dy[n * OUT + o];
    if f < IN {
      sum += gradient * x[n * IN + f];
    } else {
      sum += gradient;
    }
  }
  if f < IN {
    dw[(split * OUT + o) * IN + f] = sum;
  } else {
    db[split * OUT + o] = sum;
  }
}

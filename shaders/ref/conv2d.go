package ref

// Conv2d is a 2-D cross-correlation and its gradients.
//
//	y[n,o,i,j] = b[o] + sum over c,u,v of w[o,c,u,v] * x[n,c,i*S+u-P,j*S+v-P]
//
// Shapes: x (N, C, H, W), w (OC, C/Groups, Kernel, Kernel), b (OC), y (N, OC, OH, OW).
// With groups, c runs over the input channels of o's group. Padding is zero. With NoBias, b is nil
// and means 0. Twin of conv2d.wgsl and conv2d_grouped.wgsl.
type Conv2d struct {
	N, C, H, W, OC      int
	Kernel, Stride, Pad int
	Groups              int // 0 means 1
	NoBias              bool
}

// OutSize returns OH = floor((H + 2P - Kernel)/S) + 1 and OW likewise.
func (s Conv2d) OutSize() (oh, ow int) {
	return (s.H+2*s.Pad-s.Kernel)/s.Stride + 1, (s.W+2*s.Pad-s.Kernel)/s.Stride + 1
}

// Forward returns y.
func (s Conv2d) Forward(x, w, b []float64) (y []float64) {
	oh, ow := s.OutSize()
	y = make([]float64, s.N*s.OC*oh*ow)
	if !s.NoBias {
		for i := range y {
			y[i] = b[i/(oh*ow)%s.OC]
		}
	}
	s.products(func(yi, xi, wi int) { y[yi] += w[wi] * x[xi] })
	return y
}

// Backward returns the gradients of the loss with respect to x, w and b. dy is the gradient with
// respect to y.
func (s Conv2d) Backward(x, w, dy []float64) (dx, dw, db []float64) {
	oh, ow := s.OutSize()
	dx, dw, db = make([]float64, len(x)), make([]float64, len(w)), make([]float64, s.OC)
	for i, d := range dy {
		db[i/(oh*ow)%s.OC] += d
	}
	s.products(func(yi, xi, wi int) {
		dx[xi] += w[wi] * dy[yi]
		dw[wi] += dy[yi] * x[xi]
	})
	return dx, dw, db
}

// groupSize returns the channels of a group.
func (s Conv2d) groupSize() (in, out int) {
	groups := max(s.Groups, 1)
	return s.C / groups, s.OC / groups
}

// products calls visit for each product w[wi] * x[xi] in the sum of y[yi].
func (s Conv2d) products(visit func(yi, xi, wi int)) {
	oh, ow := s.OutSize()
	in, out := s.groupSize()
	for n := range s.N {
		for o := range s.OC {
			first := o / out * in // channel of the group
			for i := range oh {
				for j := range ow {
					yi := ((n*s.OC+o)*oh+i)*ow + j
					for c := range in {
						for u := range s.Kernel {
							for v := range s.Kernel {
								row, col := i*s.Stride+u-s.Pad, j*s.Stride+v-s.Pad
								if row < 0 || row >= s.H || col < 0 || col >= s.W {
									continue // padding
								}
								xi := ((n*s.C+first+c)*s.H+row)*s.W + col
								wi := ((o*in+c)*s.Kernel+u)*s.Kernel + v
								visit(yi, xi, wi)
							}
						}
					}
				}
			}
		}
	}
}

package ref

import "math"

// Pool2d takes the average or the maximum over windows of a map, and computes the gradients.
// Windows have Kernel x Kernel pixels, every Stride pixels. If Out is above 0 the pool is adaptive
// as in PyTorch: Out x Out windows cover the map, and window i reaches from floor(i*H/Out) to
// ceil((i+1)*H/Out) - 1.
//
// Shapes: x (N, C, H, W), y and index (N, C, OH, OW). Twin of pool2d.wgsl.
type Pool2d struct {
	N, C, H, W          int
	Kernel, Stride, Out int
}

// OutSize returns OH = floor((H - Kernel)/Stride) + 1 and OW likewise. Both are Out if the pool is
// adaptive.
func (s Pool2d) OutSize() (oh, ow int) {
	if s.Out > 0 {
		return s.Out, s.Out
	}
	return (s.H-s.Kernel)/s.Stride + 1, (s.W-s.Kernel)/s.Stride + 1
}

// AvgForward returns the mean of each window.
func (s Pool2d) AvgForward(x []float64) (y []float64) {
	y = s.newOutput()
	s.windows(func(yi int, window []int) {
		for _, xi := range window {
			y[yi] += x[xi] / float64(len(window))
		}
	})
	return y
}

// AvgBackward returns the gradient with respect to x.
func (s Pool2d) AvgBackward(dy []float64) (dx []float64) {
	dx = s.newInput()
	s.windows(func(yi int, window []int) {
		for _, xi := range window {
			dx[xi] += dy[yi] / float64(len(window))
		}
	})
	return dx
}

// MaxForward returns the maximum of each window, and its place within the map. The first of equal
// maxima wins. A NaN wins over every number, and the last NaN over those before it.
func (s Pool2d) MaxForward(x []float64) (y []float64, index []int) {
	y = s.newOutput()
	index = make([]int, len(y))
	s.windows(func(yi int, window []int) {
		best := window[0]
		for _, xi := range window {
			if x[xi] > x[best] || math.IsNaN(x[xi]) {
				best = xi
			}
		}
		y[yi] = x[best]
		index[yi] = best % (s.H * s.W)
	})
	return y, index
}

// MaxBackward returns the gradient with respect to x. index is MaxForward's.
func (s Pool2d) MaxBackward(dy []float64, index []int) (dx []float64) {
	dx = s.newInput()
	oh, ow := s.OutSize()
	for yi, d := range dy {
		dx[yi/(oh*ow)*(s.H*s.W)+index[yi]] += d
	}
	return dx
}

func (s Pool2d) newInput() []float64 { return make([]float64, s.N*s.C*s.H*s.W) }

func (s Pool2d) newOutput() []float64 {
	oh, ow := s.OutSize()
	return make([]float64, s.N*s.C*oh*ow)
}

// windows calls visit for each output, with the inputs of its window in row-major order.
func (s Pool2d) windows(visit func(yi int, window []int)) {
	oh, ow := s.OutSize()
	for m := range s.N * s.C {
		for i := range oh {
			for j := range ow {
				top, bottom := s.span(i, s.H)
				left, right := s.span(j, s.W)
				var window []int
				for row := top; row < bottom; row++ {
					for col := left; col < right; col++ {
						window = append(window, (m*s.H+row)*s.W+col)
					}
				}
				visit((m*oh+i)*ow+j, window)
			}
		}
	}
}

// span returns the first pixel of window i along an axis, and one past its last.
func (s Pool2d) span(i, size int) (first, end int) {
	if s.Out > 0 {
		return i * size / s.Out, ((i+1)*size + s.Out - 1) / s.Out
	}
	return i * s.Stride, i*s.Stride + s.Kernel
}

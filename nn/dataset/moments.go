package dataset

import "math"

// Moments returns the mean and the standard deviation of each channel over all pixels of all
// images, in units of 255, as torchvision's ToTensor scales them:
//
//	mean = 1/n sum of x/255,  std = sqrt(1/n sum of (x/255 - mean)²)
//
// Without images both are NaN.
func (m Images) Moments() (mean, std []float64) {
	counts := make([][256]int, m.Channels) // how often each byte occurs in a channel
	plane := m.Height * m.Width
	for i := range m.Len() * m.Channels {
		channel := &counts[i%m.Channels]
		for _, value := range m.Pixels[i*plane : (i+1)*plane] {
			channel[value]++
		}
	}
	n := float64(m.Len() * m.Height * m.Width)
	for _, channel := range counts {
		var sum, squares float64
		for value, count := range channel {
			sum += float64(count) * float64(value) / 255
		}
		for value, count := range channel {
			d := float64(value)/255 - sum/n
			squares += float64(count) * d * d
		}
		mean, std = append(mean, sum/n), append(std, math.Sqrt(squares/n))
	}
	return mean, std
}

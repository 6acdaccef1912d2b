//go:build !noasm

package kern

import "unsafe"

func available() []*Impl { return []*Impl{portable(), neon()} }

// neon is the implementation for arm64, every one of which has NEON.
func neon() *Impl {
	k := portable()
	k.Name = "neon"
	k.unary = [numUnary]func(dst, x []float32){
		Neg:      negNEON,
		Abs:      absNEON,
		Sign:     signNEON,
		Floor:    floorNEON,
		Sqrt:     sqrtNEON,
		Recip:    recipNEON,
		Square:   squareNEON,
		Relu:     reluNEON,
		Exp:      expNEON,
		Expm1:    expm1NEON,
		Log:      logNEON,
		Log1p:    log1pNEON,
		Tanh:     tanhNEON,
		Sigmoid:  sigmoidNEON,
		Softplus: softplusNEON,
		Erf:      erfNEON,
		Sin:      sinNEON,
		Cos:      cosNEON,
	}
	k.binary = [numBinary]func(dst, x, y []float32){
		Add:      addNEON,
		Sub:      subNEON,
		Mul:      mulNEON,
		Div:      divNEON,
		Max:      maxNEON,
		Min:      minNEON,
		Less:     lessNEON,
		LessEq:   lessEqNEON,
		Equal:    equalNEON,
		NotEqual: notEqualNEON,
		And:      andNEON,
		Or:       orNEON,
	}
	k.scalarRight = [numBinary]func(dst, x []float32, s float32){
		Add:      addRightNEON,
		Sub:      subRightNEON,
		Mul:      mulRightNEON,
		Div:      divRightNEON,
		Max:      maxRightNEON,
		Min:      minRightNEON,
		Less:     lessRightNEON,
		LessEq:   lessEqRightNEON,
		Equal:    equalRightNEON,
		NotEqual: notEqualRightNEON,
		And:      andRightNEON,
		Or:       orRightNEON,
	}
	k.scalarLeft = [numBinary]func(dst, x []float32, s float32){
		Add:      addLeftNEON,
		Sub:      subLeftNEON,
		Mul:      mulLeftNEON,
		Div:      divLeftNEON,
		Max:      maxLeftNEON,
		Min:      minLeftNEON,
		Less:     lessLeftNEON,
		LessEq:   lessEqLeftNEON,
		Equal:    equalLeftNEON,
		NotEqual: notEqualLeftNEON,
		And:      andLeftNEON,
		Or:       orLeftNEON,
	}
	k.sel = selectNEON
	k.not = notNEON
	k.boolToFloat = boolToFloatNEON
	k.toFloat = toFloatNEON
	k.toInt = toIntNEON
	k.fill = fillNEON
	k.gemm, k.columns, k.reserve, k.pack = neonKernels.gemm, neonKernels.columns, neonKernels.reserve, packPanel
	k.softplusSigmoid = softplusSigmoidNEON
	k.push = pushNEON
	k.convTile = neonConvTile
	k.convPairs = neonConvPairs
	return k
}

// neonKernels leaves masked products to packed panels of B, in which closed
// entries are +0.
var neonKernels = microKernels{
	full: neonFull[:],
	edge: []edgeKernel{nil, neonEdge(1), neonEdge(2), neonEdge(3), neonEdge(4), neonEdge(5), neonEdge(6)},
	wide: []wideKernel{{}, {gemmNEON1x64, 64}, {gemmNEON2x32, 32}, {gemmNEON3x32, 32}},

	edgeRows:   6,
	kc:         256,
	mc:         192,
	nc:         512,
	streamRows: 24,
	streamK:    64,
	add:        addNEON,
}

var (
	neonFull = [7]fullKernel{nil, gemmNEON1x16, gemmNEON2x16, gemmNEON3x16, gemmNEON4x16, gemmNEON5x16, gemmNEON6x16}
	neonFour = [7]fullKernel{nil, gemmNEON1x4, gemmNEON2x4, gemmNEON3x4, gemmNEON4x4, gemmNEON5x4, gemmNEON6x4}
	neonOne  = [7]fullKernel{nil, gemmNEON1x1, gemmNEON2x1, gemmNEON3x1, gemmNEON4x1, gemmNEON5x1, gemmNEON6x1}
)

// neonColumns runs over columns that are no whole panel, four at a time and
// then one by one: NEON has no masks.
func neonColumns(rows, cols, k int, a *float32, rsa, csa int, b *float32, ldb int, c *float32, ldc, mode, tiles, step int) {
	for j := 0; j < cols; {
		f, n := neonOne[rows], 1
		if cols-j >= 4 {
			f, n = neonFour[rows], 4
		}
		f(k, a, rsa, csa, advance(b, j), ldb, advance(c, j), ldc, mode, tiles, step)
		j += n
	}
}

// neonEdge counts the columns in the mask, which begins with them.
func neonEdge(rows int) edgeKernel {
	return func(k int, a *float32, rsa, csa int, b *float32, ldb int, c *float32, ldc, mode, tiles, step int, mask *uint32) {
		neonColumns(rows, maskedColumns(mask), k, a, rsa, csa, b, ldb, c, ldc, mode, tiles, step)
	}
}

// maskedColumns is n of &edgeMask[panelCols-n].
func maskedColumns(mask *uint32) int {
	n := 0
	for n < panelCols && unsafe.Slice(mask, panelCols)[n] != 0 {
		n++
	}
	return n
}

// advance returns p + n floats.
func advance(p *float32, n int) *float32 {
	if p == nil {
		return nil // there are no products
	}
	return (*float32)(unsafe.Add(unsafe.Pointer(p), 4*n))
}

// pushNEON is a product: chains are its rows and lanes its columns, or with one
// lane chains are the columns.
func pushNEON(dst []float32, lanes int, w []float32, ldw int, x []float32) {
	n, k := len(dst)/lanes, len(x)/lanes
	if lanes == 1 {
		pushTiles(1, n, k, &x[0], 0, 4, &w[0], 4*ldw, &dst[0], 0)
		return
	}
	for i := 0; i < n; i += 6 {
		pushTiles(min(6, n-i), lanes, k, &w[i], 4, 4*ldw, &x[0], 4*lanes, &dst[i*lanes], 4*lanes)
	}
}

func pushTiles(rows, cols, k int, a *float32, rsa, csa int, b *float32, ldb int, c *float32, ldc int) {
	j := 0
	for ; cols-j >= panelCols; j += panelCols {
		neonFull[rows](k, a, rsa, csa, advance(b, j), ldb, advance(c, j), ldc, int(GemmContinue), 1, 0)
	}
	neonColumns(rows, cols-j, k, a, rsa, csa, advance(b, j), ldb, advance(c, j), ldc, int(GemmContinue), 1, 0)
}

// softplusSigmoidNEON leaves the exponential in s for both.
func softplusSigmoidNEON(p, s, x []float32) {
	expDownNEON(s, x)
	softplusOfNEON(p, x, s)
	sigmoidOfNEON(s, x, s)
}

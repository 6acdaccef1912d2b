//go:build amd64 && !noasm

package kern

// avx512 is the implementation for x86 with AVX-512 F, BW, DQ and VL. What gains
// nothing from wider registers stays with AVX2: sums are bound by the latency
// of their sixteen lanes, extremes by that of their comparisons.
func avx512() *Impl {
	k := avx2()
	k.Name = "avx512"
	k.gemm, k.columns, k.reserve, k.pack = avx512Kernels.gemm, avx512Kernels.columns, avx512Kernels.reserve, packPanel
	k.unary = [numUnary]func(dst, x []float32){
		Neg:      negAVX512,
		Abs:      absAVX512,
		Sign:     signAVX512,
		Floor:    floorAVX512,
		Sqrt:     sqrtAVX512,
		Recip:    recipAVX512,
		Square:   squareAVX512,
		Relu:     reluAVX512,
		Exp:      expAVX512,
		Expm1:    expm1AVX512,
		Log:      logAVX512,
		Log1p:    log1pAVX512,
		Tanh:     tanhAVX512,
		Sigmoid:  sigmoidAVX512,
		Softplus: softplusAVX512,
		Erf:      erfAVX512,
		Sin:      sinAVX512,
		Cos:      cosAVX512,
	}
	k.binary = [numBinary]func(dst, x, y []float32){
		Add:      addAVX512,
		Sub:      subAVX512,
		Mul:      mulAVX512,
		Div:      divAVX512,
		Max:      maxAVX512,
		Min:      minAVX512,
		Less:     lessAVX512,
		LessEq:   lessEqAVX512,
		Equal:    equalAVX512,
		NotEqual: notEqualAVX512,
		And:      andAVX512,
		Or:       orAVX512,
	}
	k.scalarRight = [numBinary]func(dst, x []float32, s float32){
		Add:      addRightAVX512,
		Sub:      subRightAVX512,
		Mul:      mulRightAVX512,
		Div:      divRightAVX512,
		Max:      maxRightAVX512,
		Min:      minRightAVX512,
		Less:     lessRightAVX512,
		LessEq:   lessEqRightAVX512,
		Equal:    equalRightAVX512,
		NotEqual: notEqualRightAVX512,
		And:      andRightAVX512,
		Or:       orRightAVX512,
	}
	k.scalarLeft = [numBinary]func(dst, x []float32, s float32){
		Add:      addLeftAVX512,
		Sub:      subLeftAVX512,
		Mul:      mulLeftAVX512,
		Div:      divLeftAVX512,
		Max:      maxLeftAVX512,
		Min:      minLeftAVX512,
		Less:     lessLeftAVX512,
		LessEq:   lessEqLeftAVX512,
		Equal:    equalLeftAVX512,
		NotEqual: notEqualLeftAVX512,
		And:      andLeftAVX512,
		Or:       orLeftAVX512,
	}
	k.sel = selectAVX512
	k.not = notAVX512
	k.boolToFloat = boolToFloatAVX512
	k.toFloat = toFloatAVX512
	k.toInt = toIntAVX512
	k.fill = fillAVX512
	k.softplusSigmoid = softplusSigmoidAVX512
	k.philox = fillPhiloxAVX512
	k.uniform = fillUniformAVX512
	return k
}

// avx512Kernels has tiles of 24 rows by one register: each product takes its
// element of A from memory, where two can be read in the time of two products.
var avx512Kernels = microKernels{
	full: []fullKernel{
		nil, gemm512Full1x16, gemm512Full2x16, gemm512Full3x16, gemm512Full4x16, gemm512Full5x16, gemm512Full6x16,
		gemm512Full7x16, gemm512Full8x16, gemm512Full9x16, gemm512Full10x16, gemm512Full11x16, gemm512Full12x16,
		gemm512Full13x16, gemm512Full14x16, gemm512Full15x16, gemm512Full16x16, gemm512Full17x16, gemm512Full18x16,
		gemm512Full19x16, gemm512Full20x16, gemm512Full21x16, gemm512Full22x16, gemm512Full23x16, gemm512Full24x16,
	},
	edge: []edgeKernel{
		nil, gemm512Edge1, gemm512Edge2, gemm512Edge3, gemm512Edge4, gemm512Edge5, gemm512Edge6,
		gemm512Edge7, gemm512Edge8, gemm512Edge9, gemm512Edge10, gemm512Edge11, gemm512Edge12,
		gemm512Edge13, gemm512Edge14, gemm512Edge15, gemm512Edge16, gemm512Edge17, gemm512Edge18,
		gemm512Edge19, gemm512Edge20, gemm512Edge21, gemm512Edge22, gemm512Edge23, gemm512Edge24,
	},
	stair: []stairKernel{nil, gemm512Stair1, gemm512Stair2, gemm512Stair3, gemm512Stair4},
	wide: []wideKernel{
		{}, {gemm512Full1x128, 128}, {gemm512Full2x96, 96}, {gemm512Full3x64, 64}, {gemm512Full4x48, 48},
		{gemm512Full5x32, 32}, {gemm512Full6x32, 32}, {gemm512Full7x32, 32}, {gemm512Full8x32, 32},
	},

	edgeRows:   24,
	kc:         256,
	mc:         192,
	nc:         512,
	streamRows: 24,
	streamK:    64,
	add:        addAVX512,
}

// softplusSigmoidAVX512 leaves the exponential in s for both.
func softplusSigmoidAVX512(p, s, x []float32) {
	expDownAVX512(s, x)
	softplusOfAVX512(p, x, s)
	sigmoidOfAVX512(s, x, s)
}

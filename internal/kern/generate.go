package kern

//go:generate go -C gen run ./gemm -out ../gemm_amd64.s -stubs ../zz_gemm_amd64.go -pkg kern
//go:generate go -C gen run ./gemm -lanes 16 -out ../gemm512_amd64.s -stubs ../zz_gemm512_amd64.go -pkg kern
//go:generate go -C gen run ./conv -out ../conv_amd64.s -stubs ../zz_conv_amd64.go -pkg kern
//go:generate go -C gen run ./elem -out ../elem_amd64.s -stubs ../zz_elem_amd64.go -pkg kern
//go:generate go -C gen run ./elem -lanes 16 -out ../elem512_amd64.s -stubs ../zz_elem512_amd64.go -pkg kern
//go:generate go -C gen run ./elem -lanes 4 -neon-out ../elem_arm64.s -neon-stubs ../zz_elem_arm64.go
//go:generate go -C gen run ./reduce -out ../reduce_amd64.s -stubs ../zz_reduce_amd64.go -pkg kern
//go:generate go -C gen run ./philox -out ../philox_amd64.s -stubs ../zz_philox_amd64.go -pkg kern
//go:generate go -C gen run ./step -out ../step_amd64.s -stubs ../zz_step_amd64.go -pkg kern
//go:generate go -C gen run ./fused -out ../fused_amd64.s -stubs ../zz_fused_amd64.go -pkg kern
//go:generate go -C gen run ./rows -out ../rows_amd64.s -stubs ../zz_rows_amd64.go -pkg kern
//go:generate go -C gen run ./philox -lanes 16 -out ../philox512_amd64.s -stubs ../zz_philox512_amd64.go -pkg kern
//go:generate go -C gen run ./neon -out ../gemm_arm64.s -stubs ../zz_gemm_arm64.go

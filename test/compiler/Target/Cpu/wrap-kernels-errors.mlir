// RUN: ssmc-opt %s --ssmc-wrap-kernels --split-input-file --verify-diagnostics

// expected-error@+1 {{expected a kernel with a body, no result and the arguments N x 'memref<?xT>' with T f32, bf16, f16, i64 or i32, N x 'index', 'index', 'index', 'memref<?xf32>', 'index', 'index', got '(memref<8xf32>, index, index, index, memref<?xf32>, index, index) -> ()'}}
func.func @static(%x: memref<8xf32>, %xs: index, %batch: index, %length: index,
                  %scratch: memref<?xf32>, %begin: index, %end: index)
    attributes {plan.kernel} {
  return
}

// -----

func.func @size(%x: memref<?xf32>, %xs: index, %batch: index, %length: index,
                %scratch: memref<?xf32>, %begin: index, %end: index)
    attributes {plan.kernel} {
  %zero = arith.constant 0.0 : f32
  // expected-error@+1 {{expected no use of the size of argument 0, which no caller passes}}
  %v = vector.transfer_read %x[%begin], %zero : memref<?xf32>, vector<8xf32>
  vector.store %v, %x[%begin] : memref<?xf32>, vector<8xf32>
  return
}

// -----

func.func @half(%x: memref<?xbf16>, %xs: index, %batch: index, %length: index,
                %scratch: memref<?xf32>, %begin: index, %end: index)
    attributes {plan.kernel} {
  %v = vector.load %x[%begin] : memref<?xbf16>, vector<8xbf16>
  // expected-error@+1 {{expected arithmetic on f32, got 'vector<8xbf16>'}}
  %w = arith.addf %v, %v : vector<8xbf16>
  vector.store %w, %x[%begin] : memref<?xbf16>, vector<8xbf16>
  return
}

// -----

func.func @heap(%xs: index, %scratch: memref<?xf32>) {
  // expected-error@+1 {{expected only ops that need no library in a kernel}}
  %m = memref.alloc() : memref<8xf32>
  return
}

// -----

func.func @matrix(%x: memref<?x?xf32>, %i: index) {
  // expected-error@+1 {{expected a vector of one dimension, got 'vector<2x8xf32>'}}
  %v = vector.load %x[%i, %i] : memref<?x?xf32>, vector<2x8xf32>
  return
}

// -----

func.func private @outside()

func.func @call() {
  // expected-error@+1 {{expected a private function with a body, got 'outside'}}
  call @outside() : () -> ()
  return
}

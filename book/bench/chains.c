/* Chains of multiply-adds: one whose every step waits for the last, twelve that do not, twelve of vectors. */

typedef double vector __attribute__((vector_size(VECTOR_BYTES)));
typedef float short_vector __attribute__((vector_size(VECTOR_BYTES)));

#define HIDE(x) __asm__ volatile("" : "+r"(x)) /* the compiler may not fold the steps into one */

#define TWELVE(x, step) step(x##0) step(x##1) step(x##2) step(x##3) step(x##4) step(x##5) \
                        step(x##6) step(x##7) step(x##8) step(x##9) step(x##A) step(x##B)
#define STEP(x) x = x * a + b;

/* 8 n exclusive-ors, each waiting for the last: one clock each. */
unsigned long clocks(long n, unsigned long x, unsigned long key) {
    while (n--) {
        x ^= key; HIDE(x); x ^= key; HIDE(x); x ^= key; HIDE(x); x ^= key; HIDE(x);
        x ^= key; HIDE(x); x ^= key; HIDE(x); x ^= key; HIDE(x); x ^= key; HIDE(x);
    }
    return x;
}

/* 12 n multiply-adds, each waiting for the last. */
double dependent(long n, double x, double a, double b) {
#define AGAIN(ignored) STEP(x)
    while (n--) { TWELVE(x, AGAIN) }
    return x;
}

/* n steps of twelve multiply-adds that do not wait for one another. */
#define INDEPENDENT(name, type)                                                              \
    double name(long n, double x, double a_, double b_) {                                    \
        type zero = {0}, a = zero + (ELEMENT)a_, b = zero + (ELEMENT)b_, x0 = zero + (ELEMENT)x; \
        type x1 = x0 + 1, x2 = x0 + 2, x3 = x0 + 3, x4 = x0 + 4, x5 = x0 + 5, x6 = x0 + 6;       \
        type x7 = x0 + 7, x8 = x0 + 8, x9 = x0 + 9, xA = x0 + 10, xB = x0 + 11;                  \
        while (n--) { TWELVE(x, STEP) }                                                      \
        type sum = x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + xA + xB;                \
        return *(ELEMENT *)&sum;                                                             \
    }

#define ELEMENT double
INDEPENDENT(independent, double)
INDEPENDENT(vectors, vector)
#undef ELEMENT
#define ELEMENT float
INDEPENDENT(short_vectors, short_vector)

// Rays against triangles: a linear BVH (Morton order; Karras 2012) walked with a short stack, one thread a ray.
// Equal to cpu/bvh.py to the bit.

#define LEAF 4
#define STACK 100

// The lower 21 bits at every third place.
__device__ __forceinline__ unsigned long long every_third(unsigned long long v) {
    v &= 0x1FFFFFull;
    v = (v | v << 32) & 0x1F00000000FFFFull;
    v = (v | v << 16) & 0x1F0000FF0000FFull;
    v = (v | v << 8) & 0x100F00F00F00F00Full;
    v = (v | v << 4) & 0x10C30C30C30C30C3ull;
    return (v | v << 2) & 0x1249249249249249ull;
}

__device__ __forceinline__ float least(float a, float b) { return b < a ? b : a; }
__device__ __forceinline__ float most(float a, float b) { return b > a ? b : a; }

__device__ __forceinline__ unsigned long long place(float low, float high, float origin, float scale) {
    float cell = (0.5f * (low + high) - origin) * scale;
    return (unsigned long long)least(most(cell, 0.0f), 2097151.0f);
}

// Morton code of the middle of each triangle's box, 21 bits an axis.
extern "C" __global__ void cm_ray_code(const float* v, const int* t, int count, float x, float y, float z, float scale,
                                       unsigned long long* code) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) return;
    const float* a = v + 3ll * t[3ll * i];
    const float* b = v + 3ll * t[3ll * i + 1];
    const float* c = v + 3ll * t[3ll * i + 2];
    unsigned long long px = place(least(least(a[0], b[0]), c[0]), most(most(a[0], b[0]), c[0]), x, scale);
    unsigned long long py = place(least(least(a[1], b[1]), c[1]), most(most(a[1], b[1]), c[1]), y, scale);
    unsigned long long pz = place(least(least(a[2], b[2]), c[2]), most(most(a[2], b[2]), c[2]), z, scale);
    code[i] = every_third(px) | every_third(py) << 1 | every_third(pz) << 2;
}

__device__ __forceinline__ int leading(unsigned long long v) {
    int n = 0;
    if (!(v >> 32)) { n += 32; v <<= 32; }
    if (!(v >> 48)) { n += 16; v <<= 16; }
    if (!(v >> 56)) { n += 8; v <<= 8; }
    if (!(v >> 60)) { n += 4; v <<= 4; }
    if (!(v >> 62)) { n += 2; v <<= 2; }
    return v >> 63 ? n : n + 1;
}

// Leading bits that two sorted codes share; equal codes go on with their places.
__device__ int shared_bits(const unsigned long long* code, int count, int i, long long j) {
    if (j < 0 || j >= count) return -1;
    unsigned long long differ = code[i] ^ code[j];
    return differ ? leading(differ) : 64 + leading((unsigned long long)(unsigned int)(i ^ (int)j));
}

// Children of each inner node: a node's number, or ~(first · LEAF + triangles − 1) for a few triangles.
// parent: 2 · node + side, of inner nodes and then of single triangles, −1 at the root.
extern "C" __global__ void cm_ray_tree(const unsigned long long* code, int count, int* child, int* parent) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count - 1) return;
    int d = shared_bits(code, count, i, i + 1ll) > shared_bits(code, count, i, i - 1ll) ? 1 : -1;
    int least_shared = shared_bits(code, count, i, i - (long long)d);
    long long reach = 2;
    while (shared_bits(code, count, i, i + reach * d) > least_shared) reach *= 2;
    long long length = 0;
    for (long long step = reach / 2; step >= 1; step /= 2) {
        if (shared_bits(code, count, i, i + (length + step) * d) > least_shared) length += step;
    }
    long long j = i + length * d;
    int own = shared_bits(code, count, i, j);
    long long cut = 0, step = length;
    do {
        step = (step + 1) / 2;
        if (shared_bits(code, count, i, i + (cut + step) * d) > own) cut += step;
    } while (step > 1);
    int middle = (int)(i + cut * d) + (d < 0 ? d : 0);
    int first = (int)(j < i ? j : i), last = (int)(j < i ? i : j);
    int left = middle - first + 1, right = last - middle;
    child[2ll * i] = left <= LEAF ? ~(first * LEAF + left - 1) : middle;
    child[2ll * i + 1] = right <= LEAF ? ~((middle + 1) * LEAF + right - 1) : middle + 1;
    parent[first == middle ? count - 1 + middle : middle] = 2 * i;
    parent[last == middle + 1 ? count + middle : middle + 1] = 2 * i + 1;
    if (i == 0) parent[0] = -1;
}

// Boxes of both children in each inner node, from the triangles upwards; the second to arrive goes on.
extern "C" __global__ void cm_ray_boxes(const float* v, const int* t, const int* order, int count, const int* parent,
                                        int* seen, float* box, float* corners) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) return;
    float own[6];
    for (int k = 0; k < 3; k++) {
        float a = v[3ll * t[3ll * order[i]] + k];
        float b = v[3ll * t[3ll * order[i] + 1] + k];
        float c = v[3ll * t[3ll * order[i] + 2] + k];
        corners[9ll * i + k] = a;
        corners[9ll * i + 3 + k] = b;
        corners[9ll * i + 6 + k] = c;
        own[k] = least(least(a, b), c);
        own[3 + k] = most(most(a, b), c);
    }
    int up = parent[count - 1 + i];
    while (up >= 0) {
        int node = up >> 1;
        volatile float* mine = box + 12ll * node + 6 * (up & 1);
        volatile float* other = box + 12ll * node + 6 * (1 - (up & 1));
        for (int k = 0; k < 6; k++) mine[k] = own[k];
        __threadfence();
        if (atomicAdd(seen + node, 1) == 0) return;
        __threadfence();
        for (int k = 0; k < 3; k++) {
            own[k] = least(own[k], other[k]);
            own[3 + k] = most(own[3 + k], other[3 + k]);
        }
        up = parent[node];
    }
}

// Where a ray enters a box, 1e30 where it passes by; the exit is widened against rounding (Ize 2013).
__device__ __forceinline__ float entry(const float* b, const float* o, const float* inverse, float near, float far) {
    float in = near, out = far;
    for (int k = 0; k < 3; k++) {
        float s = (b[k] - o[k]) * inverse[k], e = (b[3 + k] - o[k]) * inverse[k];
        in = most(in, least(s, e));
        out = least(out, most(s, e) * 1.0000004f);
    }
    return in <= out ? in : 1e30f;
}

// Distance to a triangle, −1 where it is missed: watertight (Woop, Benthin & Wald 2013), both sides.
__device__ __forceinline__ float meet(const float* c, const float* o, const int* axis, const float* shear) {
    float p[3][3];
    for (int n = 0; n < 3; n++) {
        float up = c[3 * n + axis[2]] - o[axis[2]];
        p[n][0] = (c[3 * n + axis[0]] - o[axis[0]]) - shear[0] * up;
        p[n][1] = (c[3 * n + axis[1]] - o[axis[1]]) - shear[1] * up;
        p[n][2] = shear[2] * up;
    }
    float u = p[2][0] * p[1][1] - p[2][1] * p[1][0];
    float w = p[0][0] * p[2][1] - p[0][1] * p[2][0];
    float s = p[1][0] * p[0][1] - p[1][1] * p[0][0];
    if (u == 0.0f || w == 0.0f || s == 0.0f) {
        u = (float)((double)p[2][0] * (double)p[1][1] - (double)p[2][1] * (double)p[1][0]);
        w = (float)((double)p[0][0] * (double)p[2][1] - (double)p[0][1] * (double)p[2][0]);
        s = (float)((double)p[1][0] * (double)p[0][1] - (double)p[1][1] * (double)p[0][0]);
    }
    if ((u < 0.0f || w < 0.0f || s < 0.0f) && (u > 0.0f || w > 0.0f || s > 0.0f)) return -1.0f;
    float area = u + w + s;
    if (area == 0.0f) return -1.0f;
    return (u * p[0][2] + w * p[1][2] + s * p[2][2]) / area;
}

// The first triangle on each ray (of equal distances the lowest number), or with `any` whichever comes up; −1 none.
extern "C" __global__ void cm_ray_cast(const float* origins, const float* directions, int one, long long rays,
                                       float near, float far, int any, const float* box, const int* child,
                                       const float* corners, const int* order, float* distance, int* triangle) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= rays) return;
    const float* o = origins + 3 * i;
    const float* d = directions + (one ? 0 : 3 * i);
    float inverse[3], shear[3];
    int axis[3];
    for (int k = 0; k < 3; k++) inverse[k] = 1.0f / (fabsf(d[k]) > 1e-20f ? d[k] : (d[k] < 0.0f ? -1e-20f : 1e-20f));
    axis[2] = fabsf(d[0]) > fabsf(d[1]) ? (fabsf(d[0]) > fabsf(d[2]) ? 0 : 2) : (fabsf(d[1]) > fabsf(d[2]) ? 1 : 2);
    axis[0] = (axis[2] + 1) % 3;
    axis[1] = (axis[2] + 2) % 3;
    shear[0] = d[axis[0]] / d[axis[2]];
    shear[1] = d[axis[1]] / d[axis[2]];
    shear[2] = 1.0f / d[axis[2]];
    int stack[STACK];
    float enters[STACK];
    int top = 1, found = -1;
    float best = far;
    stack[0] = 0;
    enters[0] = near;
    while (top > 0) {
        top--;
        if (enters[top] > best) continue;
        int node = stack[top];
        if (node >= 0) {
            float a = entry(box + 12ll * node, o, inverse, near, best);
            float b = entry(box + 12ll * node + 6, o, inverse, near, best);
            int farther = b >= a ? 1 : 0;
            for (int k = 0; k < 2; k++) {
                int side = k == 0 ? farther : 1 - farther;
                float in = side ? b : a;
                if (in >= 1e30f) continue;
                stack[top] = child[2ll * node + side];
                enters[top] = in;
                top++;
            }
            continue;
        }
        int first = ~node / LEAF, last = first + ~node % LEAF;
        for (int k = first; k <= last; k++) {
            float t = meet(corners + 9ll * k, o, axis, shear);
            if (!(t >= near && t <= best)) continue;
            if (t == best && found >= 0 && order[k] > found) continue;
            best = t;
            found = order[k];
        }
        if (any && found >= 0) break;
    }
    distance[i] = best;
    triangle[i] = found;
}

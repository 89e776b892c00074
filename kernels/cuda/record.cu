// Masks of many sun positions added up, one thread a cell: bits, hours, and the first, last and longest sun.
// Masks: positions × cells, 0 sun, 1 shade, 2 shade of a canopy, 255 no data. Equal to cpu/record.py to the bit.

// Set bit bits[p] of the plane where position p lights the cell.
extern "C" __global__ void cm_record_pack(const unsigned char* masks, int positions, const int* bits, long long cells,
                                          unsigned char* plane) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= cells) return;
    int all = plane[i];
    for (int p = 0; p < positions; p++) {
        if (masks[p * cells + i] == 0) all |= 1 << bits[p];
    }
    plane[i] = (unsigned char)all;
}

// Add each position's hours to the cells that it lights, in the order of the positions; thin: through a canopy.
extern "C" __global__ void cm_record_weigh(const unsigned char* masks, int positions, const float* hours,
                                           const float* thin, long long cells, float* sum) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= cells) return;
    float total = sum[i];
    for (int p = 0; p < positions; p++) {
        int code = masks[p * cells + i];
        if (code == 0) total += hours[p];
        if (code == 2) total += thin[p];
    }
    sum[i] = total;
}

// Multiply the sums by `scale`, NaN where there is no data.
extern "C" __global__ void cm_record_scale(const float* dsm, double scale, long long cells, float* sum) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= cells) return;
    sum[i] = dsm[i] == dsm[i] ? (float)((double)sum[i] * scale) : __uint_as_float(0x7fc00000u);
}

// Carry the record over more positions. count: lit, and through a canopy × 65536; runs: longest, and present × 65536;
// first and last: a lit position's number plus one, 0 for none; start: the first position's number.
extern "C" __global__ void cm_record_follow(const unsigned char* masks, int positions, const int* joins, int start,
                                            long long cells, unsigned int* count, unsigned int* runs,
                                            unsigned int* first, unsigned int* last) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= cells) return;
    unsigned int number = count[i], longest = runs[i] & 65535u, run = runs[i] >> 16;
    unsigned int begin = first[i], end = last[i];
    for (int p = 0; p < positions; p++) {
        int code = masks[p * cells + i];
        if (!joins[p]) run = 0;
        if (code == 2) number += 65536u;
        if (code != 0) {
            run = 0;
            continue;
        }
        run++;
        number++;
        if (run > longest) longest = run;
        end = (unsigned int)(start + p + 1);
        if (begin == 0) begin = end;
    }
    count[i] = number;
    runs[i] = longest | run << 16;
    first[i] = begin;
    last[i] = end;
}

// Turn the record's four numbers into hours, in place; begins and ends: a position's number plus one, NaN at 0.
extern "C" __global__ void cm_record_write(const float* dsm, double step, double thin, const float* begins,
                                           const float* ends, long long cells, unsigned int* count, unsigned int* runs,
                                           unsigned int* first, unsigned int* last) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= cells) return;
    const unsigned int none = 0x7fc00000u;
    int known = dsm[i] == dsm[i];
    double lit = (double)(count[i] & 65535u), through = (double)(count[i] >> 16);
    count[i] = known ? __float_as_uint((float)(lit * step + through * thin)) : none;
    runs[i] = known ? __float_as_uint((float)((double)(runs[i] & 65535u) * step)) : none;
    first[i] = known ? __float_as_uint(begins[first[i]]) : none;
    last[i] = known ? __float_as_uint(ends[last[i]]) : none;
}

// Counts by zone: one thread a cell and plane, whole numbers added atomically, so their order does not matter.

// planes: n × cells_of_raster bytes; cells: places of the cells that belong to a zone; counts: 8 n × zones.
extern "C" __global__ void cm_zones_count(const unsigned char* planes, long long raster, const long long* cells,
                                          const int* owner, long long chosen, int zones, unsigned long long* counts) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    int p = blockIdx.y;
    if (i >= chosen) return;
    int bits = planes[p * raster + cells[i]];
    for (int k = 0; k < 8; k++) {
        if ((bits >> k) & 1) atomicAdd(counts + (long long)(8 * p + k) * zones + owner[i], 1ULL);
    }
}

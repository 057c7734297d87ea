// How datagrams leave: what JavaScript has put into the send slab.
#pragma once

#include "sockets.h"

namespace {

void SendAll(Io* io, uint32_t count) {
  for (uint32_t slot = 0; slot < count && slot < kSlots; slot += 1) {
    uint32_t number = static_cast<uint32_t>(io->tx_meta[slot * kTxFields]);
    uint32_t length = static_cast<uint32_t>(io->tx_meta[slot * kTxFields + 1]);
    if (number >= io->sockets.size() || length > kSlotBytes) continue;
    const Socket& socket = io->sockets[number];
    socklen_t target_length = socket.target.Length();
    if (socket.fd < 0 || target_length == 0) continue;
    ssize_t sent = sendto(socket.fd, io->tx + slot * kSlotBytes, length, MSG_DONTWAIT | MSG_NOSIGNAL, &socket.target.any, target_length);
    if (sent < 0) io->refused[number] += 1;
  }
}

}  // namespace

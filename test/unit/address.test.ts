import { reachOf } from '../../net/address';

describe('the reach of an address', () => {
  it.each([
    ['93.184.216.34', 'public'],
    ['2600:1f18::1', 'public'],
    ['127.0.0.1', 'private'],
    ['127.8.8.8', 'private'],
    ['10.0.0.7', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['::1', 'private'],
    ['fd12:3456::1', 'private'],
    ['169.254.169.254', 'forbidden'],
    ['169.254.170.2', 'forbidden'],
    ['168.63.129.16', 'forbidden'],
    ['100.100.100.200', 'forbidden'],
    ['fd00:ec2::254', 'forbidden'],
    ['fe80::1', 'forbidden'],
    ['fe80::1%eth0', 'forbidden'],
    ['0.0.0.0', 'forbidden'],
    ['::', 'forbidden'],
    ['224.0.0.1', 'forbidden'],
    ['255.255.255.255', 'forbidden'],
    ['ff02::1', 'forbidden'],
    ['2002:7f00:1::', 'forbidden'],
    ['::127.0.0.1', 'forbidden'],
    ['not an address', 'forbidden'],
  ])('%s is %s', (address, reach) => {
    expect(reachOf(address)).toBe(reach);
  });

  it.each([
    ['::ffff:127.0.0.1', 'private'],
    ['::ffff:a9fe:a9fe', 'forbidden'],
    ['0:0:0:0:0:ffff:0a00:0001', 'private'],
    ['::ffff:93.184.216.34', 'public'],
    ['64:ff9b::169.254.169.254', 'forbidden'],
    ['64:ff9b::5db8:d822', 'public'],
    ['64:ff9b::1', 'forbidden'],
  ])('%s has the reach of the IPv4 address inside: %s', (address, reach) => {
    expect(reachOf(address)).toBe(reach);
  });
});

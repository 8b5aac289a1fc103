// A Bluesky PDS with a directory of identities of its own, in one process: PORT, PLC_PORT and FOLDER tell where.
import { Database, PlcServer } from "@did-plc/server";
import { PDS, envToCfg, envToSecrets } from "@atproto/pds";

const directory = PlcServer.create({ db: Database.mock(), port: Number(process.env.PLC_PORT) });
await directory.start();
const settings = {
  port: Number(process.env.PORT),
  hostname: "localhost",
  devMode: true,
  dataDirectory: process.env.FOLDER,
  blobstoreDiskLocation: `${process.env.FOLDER}/blobs`,
  didPlcUrl: `http://127.0.0.1:${process.env.PLC_PORT}`,
  serviceHandleDomains: [".test"],
  inviteRequired: false,
  crawlers: [],
  jwtSecret: "nobody-else-is-here",
  adminPassword: "nobody-else-is-here",
  plcRotationKeyK256PrivateKeyHex: "1".padStart(64, "a"),
};
const server = await PDS.create(envToCfg(settings), envToSecrets(settings));
await server.start();
